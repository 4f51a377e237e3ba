package redact

import (
	"strconv"
	"strings"
)

// maxCommand bounds what is shown of a command.
const maxCommand = 1 << 10

// redisShown has, for commands of Redis that are not as most, how many arguments are names and not values: most have one, the
// key. all stands for every one.
var redisShown = func() map[string]int {
	m := map[string]int{}
	for n, commands := range map[int]string{
		0: "AUTH HELLO MIGRATE ACL ECHO PING EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO FUNCTION SCRIPT DEBUG MONITOR",
		1: "CONFIG CLIENT",
		2: "HGET HEXISTS HSET HSETNX HINCRBY HINCRBYFLOAT HSTRLEN LMOVE RENAME RENAMENX COPY SMOVE",
		all: "DEL UNLINK EXISTS TOUCH MGET WATCH SINTER SUNION SDIFF SINTERSTORE SUNIONSTORE SDIFFSTORE PFCOUNT PFMERGE TYPE TTL PTTL " +
			"EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST HMGET HDEL LRANGE LTRIM LINDEX ZCARD ZCOUNT SCAN HSCAN " +
			"BLPOP BRPOP LPOP RPOP SUBSCRIBE PSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE KEYS SELECT COMMAND CLUSTER INFO XREAD XREADGROUP XACK",
	} {
		for _, c := range strings.Fields(commands) {
			m[c] = n
		}
	}
	return m
}()

const all = 1 << 30

// RedisArguments is Redis for arguments of any type. It reads only the arguments that are shown.
func RedisArguments(args []any) string {
	if len(args) == 0 {
		return ""
	}
	first, ok := redisArgument(args[0])
	if !ok {
		return ""
	}
	return RedisCommand(first, args[1:])
}

// RedisCommand is RedisArguments for a command whose name is separate from its arguments.
func RedisCommand(name string, args []any) string {
	name = strings.ToUpper(cut(name, maxCommand))
	shown, known := redisShown[name]
	if !known {
		shown = 1
	}
	var b strings.Builder
	b.WriteString(name)
	for i, a := range args {
		text := "?"
		if i < shown {
			if t, ok := redisArgument(a); ok {
				text = t
			}
		}
		if b.Len()+1+len(text) > maxCommand {
			b.WriteString(" ...")
			break
		}
		b.WriteByte(' ')
		b.WriteString(text)
	}
	return b.String()
}

// redisArgument returns an argument as it is sent, and whether it is of a type that names have. A long one is cut: it is not shown.
func redisArgument(arg any) (string, bool) {
	switch a := arg.(type) {
	case string:
		return a[:min(len(a), maxCommand+1)], true
	case []byte:
		return string(a[:min(len(a), maxCommand+1)]), true
	case int:
		return strconv.Itoa(a), true
	case int64:
		return strconv.FormatInt(a, 10), true
	}
	return "", false
}

// Redis formats a command of Redis: its name and its keys, with "?" for every value. For AUTH, HELLO, MIGRATE and others that take
// credentials or programs it shows no argument, and for an unknown command only the first one.
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
