module example.com/gomemcache

go 1.24

require github.com/bradfitz/gomemcache v0.0.0-20190913173617-a41fca850d0b
