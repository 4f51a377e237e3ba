//! go/parser as a running process, and our trees in the form in which it answers.
pub mod bench;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use weave_syntax::{ChanDir, Delimiter, Event, Node, NodeId, Tree};

/// The top folder of the repository.
pub fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root.pop();
    root
}

/// The go command in bench/parser, of a release such as `go1.27.3`, or the one that is installed.
fn go(toolchain: Option<&str>) -> Command {
    let mut command = Command::new("go");
    command.current_dir(root().join("bench/parser")).env("GOWORK", "off").env("GOFLAGS", "");
    if let Some(toolchain) = toolchain {
        command.env("GOTOOLCHAIN", toolchain);
    }
    command
}

/// A command of the Go program in bench/parser.
pub fn go_command(toolchain: Option<&str>, args: &[&str]) -> Command {
    let mut command = go(toolchain);
    command.arg("run").arg(".").args(args);
    command
}

/// The value of a variable of `go env`.
pub fn go_env(toolchain: Option<&str>, name: &str) -> String {
    let out = go(toolchain).args(["env", name]).output().expect("the go command must be on PATH");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// Input for go/parser.
#[derive(Clone)]
pub enum Request {
    File(PathBuf),
    Source(Vec<u8>),
    /// The folder of a package, for the verb `resolve`.
    Package(PathBuf),
    /// GOOS, GOARCH, tags separated by commas, and a file, for the verb `match`.
    Match(&'static str, &'static str, &'static str, PathBuf),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Ok,
    Reject,
    /// Rejected for the type parameters of methods alone.
    Methods,
}

pub struct Answer {
    pub status: Status,
    /// The dump, or the first error.
    pub text: String,
}

/// Answers come in the order of the requests. The requests are written by a thread of their own: either
/// side may be ahead of the other.
pub struct Oracle {
    child: Child,
    requests: Option<Sender<Request>>,
    out: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts go/parser with a verb of bench/parser: `nodes` or `accept`.
    pub fn start(toolchain: Option<&str>, verb: &str) -> Self {
        let mut command = go_command(toolchain, &[verb]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("the go command must be on PATH");
        let stdin = child.stdin.take().expect("stdin is piped");
        let out = BufReader::with_capacity(1 << 20, child.stdout.take().expect("stdout is piped"));
        let (requests, queue) = std::sync::mpsc::channel();
        std::thread::spawn(move || send(stdin, &queue));
        Self { child, requests: Some(requests), out }
    }

    /// Asks for one more source.
    pub fn ask(&self, request: Request) {
        let sent = self.requests.as_ref().map(|requests| requests.send(request));
        assert!(matches!(sent, Some(Ok(()))), "bench/parser has ended early");
    }

    /// The answer to the first request that has none yet.
    pub fn answer(&mut self) -> Answer {
        let mut head = String::new();
        self.out.read_line(&mut head).expect("an answer");
        let (status, len) = head.trim_end().split_once(' ').expect("an answer: bench/parser has failed");
        let mut text = vec![0; len.parse().expect("a length")];
        self.out.read_exact(&mut text).expect("an answer of that length");
        let status = match status {
            "ok" => Status::Ok,
            "methods" => Status::Methods,
            _ => Status::Reject,
        };
        Answer { status, text: String::from_utf8_lossy(&text).into_owned() }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.requests = None;
        // Whoever gives up early leaves answers unread, which would block it.
        let _ = std::io::copy(&mut self.out, &mut std::io::sink());
        let _ = self.child.wait();
    }
}

fn send(stdin: ChildStdin, queue: &Receiver<Request>) {
    let mut stdin = std::io::BufWriter::with_capacity(1 << 20, stdin);
    loop {
        let request = match queue.try_recv() {
            Ok(request) => request,
            // Whoever asks next may be waiting for the answers to what is in the buffer.
            Err(TryRecvError::Empty) => {
                if stdin.flush().is_err() {
                    return;
                }
                match queue.recv() {
                    Ok(request) => request,
                    Err(_) => return,
                }
            }
            Err(TryRecvError::Disconnected) => return,
        };
        let sent = match request {
            Request::File(path) => writeln!(stdin, "f {}", path.display()),
            Request::Match(goos, goarch, tags, path) => {
                writeln!(stdin, "m {goos} {goarch} {tags} {}", path.display())
            }
            Request::Package(path) => writeln!(stdin, "d {}", path.display()),
            Request::Source(src) => writeln!(stdin, "s {}", src.len()).and_then(|()| stdin.write_all(&src)),
        };
        if sent.is_err() {
            return;
        }
    }
}

/// All `.go` files below a folder, sorted.
pub fn go_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(t) if t.is_dir() => folders.push(path),
                Ok(t) if t.is_file() && path.extension().is_some_and(|e| e == "go") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// Our tree in the form of `parser nodes`. Without the type parameters of methods if go/parser left them out.
pub fn render(tree: &Tree<'_>, methods: bool) -> String {
    let mut out = String::with_capacity(tree.node_count() * 24);
    let mut depth = 0;
    let mut dropped: Option<NodeId> = None;
    let mut walk = tree.walk(tree.root());
    while let Some(event) = walk.next() {
        match event {
            Event::Leave(id) => {
                if dropped == Some(id) {
                    dropped = None;
                } else {
                    depth -= 1;
                }
            }
            Event::Enter(id) => {
                if let Node::FuncDecl(f) = tree.node(id)
                    && methods
                    && f.receiver.is_some()
                    && let Node::FuncType(ty) = tree.node(f.ty)
                {
                    dropped = ty.type_params;
                }
                if dropped == Some(id) {
                    walk.skip_children();
                    continue;
                }
                line(tree, id, depth, dropped, &mut out);
                depth += 1;
            }
        }
    }
    let directives = tree.directives();
    let mut directives = directives.iter().peekable();
    for comment in tree.comments() {
        let _ = writeln!(out, "C {} {}", comment.start, comment.end);
        if let Some(d) = directives.next_if(|d| d.span.start == comment.start) {
            let _ = writeln!(out, "D {} {}", d.span.start, d.span.end);
        }
    }
    out
}

fn line(tree: &Tree<'_>, id: NodeId, depth: u32, dropped: Option<NodeId>, out: &mut String) {
    let span = tree.span(id);
    let mut start = span.start;
    let i = |b: bool| u8::from(b);
    let at = |at: Option<u32>| at.map_or(-1, i64::from);
    let mut rest = String::new();
    let w = &mut rest;
    let _ = match tree.node(id) {
        Node::File(n) => write!(w, " {}", n.decls.len()),
        Node::GenDecl(n) => write!(w, " {} {} {} {}", n.keyword, at(n.lparen), at(n.rparen), n.specs.len()),
        Node::FuncDecl(n) => write!(w, " {} {}", i(n.receiver.is_some()), i(n.body.is_some())),
        Node::ImportSpec(n) => write!(w, " {}", i(n.name.is_some())),
        Node::ValueSpec(n) => write!(w, " {} {} {}", n.names.len(), i(n.ty.is_some()), n.values.len()),
        Node::TypeSpec(n) => write!(w, " {} {}", i(n.type_params.is_some()), i(n.alias)),
        Node::FieldList(n) => write!(w, " {} {}", i(n.delimiter != Delimiter::None), n.fields.len()),
        Node::Field(n) => write!(w, " {} {}", n.names.len(), i(n.tag.is_some())),
        Node::BasicLit(n) => w.write_str(match n.kind {
            weave_syntax::TokenKind::Int => " INT",
            weave_syntax::TokenKind::Float => " FLOAT",
            weave_syntax::TokenKind::Imag => " IMAG",
            weave_syntax::TokenKind::Char => " CHAR",
            _ => " STRING",
        }),
        Node::Ellipsis(n) => write!(w, " {}", i(n.element.is_some())),
        Node::CompositeLit(n) => {
            write!(w, " {} {} {} {}", i(n.ty.is_some()), n.lbrace, n.elements.len(), n.rbrace)
        }
        Node::Index(n) => write!(w, " {} {} {}", n.lbrack, n.indices.len(), n.rbrack),
        Node::Slice(n) => {
            let bounds = [n.low, n.high, n.max].map(|b| i(b.is_some()));
            write!(w, " {} {} {} {} {}", n.lbrack, bounds[0], bounds[1], bounds[2], n.rbrack)
        }
        Node::TypeAssert(n) => write!(w, " {} {} {}", n.lparen, i(n.ty.is_some()), n.rparen),
        Node::Call(n) => write!(w, " {} {} {} {}", n.lparen, n.args.len(), at(n.ellipsis), n.rparen),
        Node::Unary(n) => write!(w, " {}", n.op),
        Node::Binary(n) => write!(w, " {} {}", n.op, n.op_pos),
        Node::KeyValue(n) => write!(w, " {}", n.colon),
        Node::ArrayType(n) => write!(w, " {}", i(n.len.is_some())),
        Node::FuncType(n) => {
            let gone = n.type_params.is_some() && n.type_params == dropped;
            if gone {
                start = tree.span(n.params).start;
            }
            let generic = n.type_params.is_some() && !gone;
            write!(w, " {} {} {}", i(n.keyword), i(generic), i(n.results.is_some()))
        }
        Node::ChanType(n) => {
            let dir = match n.dir {
                ChanDir::Send => 1,
                ChanDir::Recv => 2,
                ChanDir::Both => 3,
            };
            write!(w, " {dir} {}", at(n.arrow))
        }
        Node::Empty(n) => write!(w, " {}", i(n.implicit)),
        Node::Labeled(n) => write!(w, " {}", n.colon),
        Node::Send(n) => write!(w, " {}", n.arrow),
        Node::IncDec(n) => write!(w, " {} {}", n.op, n.op_pos),
        Node::Assign(n) => write!(w, " {} {} {} {}", n.lhs.len(), n.op, n.op_pos, n.rhs.len()),
        Node::Return(n) => write!(w, " {}", n.results.len()),
        Node::Branch(n) => write!(w, " {} {}", n.keyword, i(n.label.is_some())),
        Node::Block(n) => write!(w, " {} {} {}", n.lbrace, n.stmts.len(), n.rbrace),
        Node::If(n) => write!(w, " {} {}", i(n.init.is_some()), i(n.els.is_some())),
        Node::CaseClause(n) => write!(w, " {} {} {}", n.list.map_or(0, <[_]>::len), n.colon, n.body.len()),
        Node::Switch(n) => write!(w, " {} {}", i(n.init.is_some()), i(n.tag.is_some())),
        Node::TypeSwitch(n) => write!(w, " {}", i(n.init.is_some())),
        Node::CommClause(n) => write!(w, " {} {} {}", i(n.comm.is_some()), n.colon, n.body.len()),
        Node::For(n) => {
            write!(w, " {} {} {}", i(n.init.is_some()), i(n.cond.is_some()), i(n.post.is_some()))
        }
        Node::Range(n) => match (n.op, n.op_pos) {
            (Some(op), Some(pos)) => {
                write!(w, " {} {} {op} {pos} {}", i(n.key.is_some()), i(n.value.is_some()), n.range_pos)
            }
            _ => write!(w, " 0 0 {}", n.range_pos),
        },
        Node::Bad(_)
        | Node::Ident
        | Node::FuncLit(_)
        | Node::Paren(_)
        | Node::Selector(_)
        | Node::Star(_)
        | Node::StructType(_)
        | Node::InterfaceType(_)
        | Node::MapType(_)
        | Node::DeclStmt(_)
        | Node::ExprStmt(_)
        | Node::Go(_)
        | Node::Defer(_)
        | Node::Select(_) => Ok(()),
    };
    let _ = writeln!(out, "{depth} {} {start} {}{rest}", tree.kind(id).name(), span.end);
}

/// Compares one answer with our tree of the same source: a description of the first difference.
pub fn compare(src: &[u8], answer: &Answer) -> Result<(), String> {
    let (tree, errors) = weave_syntax::parse(src);
    match (answer.status, errors.first()) {
        (Status::Reject, Some(_)) => Ok(()),
        (Status::Reject, None) => Err(format!("we accept it; go/parser: {}", answer.text)),
        (_, Some(error)) => Err(format!("go/parser accepts it; we: {error:?}")),
        (status, None) => {
            if answer.text.is_empty() {
                return Ok(());
            }
            let ours = render(&tree, status == Status::Methods);
            if ours == answer.text {
                return Ok(());
            }
            let differs = ours.lines().zip(answer.text.lines()).find(|(a, b)| a != b);
            let (a, b) = differs.unwrap_or(("(end)", "(end)"));
            Err(format!("ours: {a}; go/parser: {b}"))
        }
    }
}
