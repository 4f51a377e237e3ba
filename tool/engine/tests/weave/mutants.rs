//! Texts that are nearly Go.

/// Numbers that look like chance and are the same in every run.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (n as u64).max(1)).expect("it is below a usize")
    }
}

/// A text with pieces of it taken out, doubled or exchanged.
pub fn mutate(text: &str, numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=numbers.below(4) {
        let from = numbers.below(bytes.len());
        let to = (from + 1 + numbers.below(12)).min(bytes.len());
        let piece = bytes[from..to].to_vec();
        match numbers.below(3) {
            0 => drop(bytes.drain(from..to)),
            1 => drop(bytes.splice(from..from, piece)),
            _ => {
                let at = numbers.below(bytes.len());
                bytes.splice(at..at, piece);
            }
        }
        if bytes.is_empty() {
            bytes.push(b'\n');
        }
    }
    bytes
}
