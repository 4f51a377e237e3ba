package redact

import "strings"

// maxCommand bounds what is shown of a command.
const maxCommand = 1 << 10

// redisShown has, for commands of Redis that are not as most, how many arguments are names and not values: most have one, the
// key. all stands for every one.
var redisShown = func() map[string]int {
	m := map[string]int{}
	for n, commands := range map[int]string{
		0: "AUTH HELLO MIGRATE ACL ECHO EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO FUNCTION SCRIPT DEBUG MONITOR",
		1: "CONFIG CLIENT",
		2: "HGET HEXISTS HSET HSETNX HINCRBY HINCRBYFLOAT HSTRLEN LMOVE RENAME RENAMENX COPY SMOVE",
		all: "DEL UNLINK EXISTS TOUCH MGET WATCH SINTER SUNION SDIFF SINTERSTORE SUNIONSTORE SDIFFSTORE PFCOUNT PFMERGE TYPE TTL PTTL " +
			"EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST HMGET HDEL LRANGE LTRIM LINDEX ZRANGE ZCARD ZCOUNT SCAN HSCAN SSCAN ZSCAN " +
			"BLPOP BRPOP LPOP RPOP SUBSCRIBE PSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE KEYS SELECT PING COMMAND CLUSTER INFO XREAD XREADGROUP XACK",
	} {
		for _, c := range strings.Fields(commands) {
			m[c] = n
		}
	}
	return m
}()

const all = 1 << 30

// Redis shows a command of Redis: its name and the names that it is about, with "?" for every value. Of AUTH, HELLO, MIGRATE and
// others that take credentials or programs nothing but the name is shown, and of a command that is not known its first argument.
func Redis(args ...string) string {
	if len(args) == 0 {
		return ""
	}
	name := strings.ToUpper(args[0])
	shown, known := redisShown[name]
	if !known {
		shown = 1
	}
	var b strings.Builder
	b.WriteString(name)
	for i, a := range args[1:] {
		if i >= shown {
			a = "?"
		}
		if b.Len()+1+len(a) > maxCommand {
			b.WriteString(" ...")
			break
		}
		b.WriteByte(' ')
		b.WriteString(a)
	}
	return b.String()
}
