module zzz.example/late

go 1.25.0

require example.com/early v0.0.0
