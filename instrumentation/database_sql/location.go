package database_sql

import (
	"database/sql/driver"
	"net"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqlmask"
)

// place says where a database is. Nothing else is read of what a database is opened with: the rest holds credentials.
type place struct{ host, port, name string }

// maxPart bounds each part of a place, in bytes.
const maxPart = 255

// at is the place of a system.
func (p place) at(system string, dialect sqlmask.Dialect) hook.DBPlace {
	port, _ := strconv.Atoi(p.port)
	return hook.DBPlace{System: system, Host: p.host, Port: port, Namespace: p.name, Dialect: uint8(dialect)}
}

// newPlace checks the parts. An address may have its port in it.
func newPlace(host, port, name string) place {
	if len(host) > maxPart || strings.ContainsAny(host, "@()\"{};=?& \t\r\n") {
		host, port = "", ""
	}
	if h, p, err := net.SplitHostPort(host); err == nil && !strings.HasPrefix(host, "/") {
		host = h
		if port == "" {
			port = p
		}
	}
	if n, err := strconv.Atoi(port); err != nil || n <= 0 || n >= 1<<16 || host == "" {
		port = ""
	}
	if len(name) > maxPart || strings.ContainsAny(name, "@'\"{};=?&\t\r\n") { // It was cut out of something else.
		name = ""
	}
	return place{strings.Clone(host), strings.Clone(port), strings.Clone(name)}
}

// parse reads a data source name.
func parse(system, dsn string) place {
	switch {
	case dsn == "" || system == "sqlite" || system == "duckdb" || strings.HasPrefix(dsn, "file:"):
		return place{}
	case strings.Contains(dsn, "://"):
		return parseURL(dsn)
	case system == "mysql" || system == "mariadb":
		return parseMySQL(dsn)
	case strings.Contains(dsn, "="):
		return parsePairs(dsn)
	}
	return place{}
}

// parseURL reads "scheme://user:password@host:port/name?key=value". Of several hosts it takes the first.
func parseURL(dsn string) place {
	scheme, rest, _ := strings.Cut(dsn, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority := rest[:end]
	if strings.Contains(rest[end:], "@") {
		return place{} // A password has one of these characters: what is the host is not certain.
	}
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	authority, _, _ = strings.Cut(authority, ",")
	u, err := url.Parse(scheme + "://" + authority + rest[end:])
	if err != nil {
		return place{}
	}
	host, port, name, query := u.Hostname(), u.Port(), strings.Trim(u.Path, "/"), u.Query()
	var asked []string
	for _, key := range []string{"database", "dbname"} {
		for _, s := range query[key] {
			if s != "" {
				asked = append(asked, s)
			}
		}
	}
	switch {
	case len(asked) > 1:
		name = "" // Some of them may be a part of a value with "&" in it.
	case len(asked) == 1 && (name == "" || name == asked[0]):
		name = asked[0]
	case len(asked) == 1:
		name = ""
	}
	if host == "" {
		host, port = query.Get("host"), query.Get("port")
	}
	return newPlace(host, port, name)
}

// parseMySQL reads "[user[:password]@][net[(addr)]]/name[?param=value]".
func parseMySQL(dsn string) place {
	slash := strings.LastIndexByte(dsn, '/')
	if slash < 0 {
		return place{}
	}
	name, _, _ := strings.Cut(dsn[slash+1:], "?")
	address := dsn[:slash]
	address = address[strings.LastIndexByte(address, '@')+1:]
	network, address, ok := strings.Cut(strings.TrimSuffix(address, ")"), "(")
	if strings.ContainsFunc(network, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '+' && r != '-'
	}) {
		return place{} // It is written in another way.
	}
	if !ok {
		return newPlace("", "", name) // without an address it is the default one
	}
	return newPlace(address, "", name)
}

// parsePairs reads "key=value key=value", or with semicolons between. Values may be in quotes or braces.
func parsePairs(dsn string) place {
	separators := " \t\r\n"
	if strings.Contains(dsn, ";") {
		separators = ";"
	}
	var host, port, name string
	all := map[string]string{}
	for dsn != "" {
		key, rest, ok := strings.Cut(dsn, "=")
		if !ok {
			break
		}
		key = strings.ToLower(strings.Trim(key, " \t\r\n;"))
		if separators != ";" {
			key = key[strings.LastIndexAny(key, separators)+1:]
		}
		rest = strings.TrimLeft(rest, " \t\r\n")
		var value string
		value, dsn = pairValue(rest, separators)
		if before, twice := all[key]; twice && before != value {
			return place{} // One of them may be a part of a password that should be in quotes.
		}
		all[key] = value
		switch key {
		case "host", "hostaddr", "server", "data source", "addr", "address":
			host = first(host, strings.TrimPrefix(value, "tcp:"))
		case "port":
			port = first(port, value)
		case "dbname", "database", "initial catalog":
			name = first(name, value)
		}
	}
	host, _, _ = strings.Cut(host, `\`) // an instance of SQL Server
	if h, p, ok := strings.Cut(host, ","); ok {
		if _, err := strconv.Atoi(p); err == nil {
			port = p // of SQL Server
		} else {
			port, _, _ = strings.Cut(port, ",") // of several hosts the first
		}
		host = h
	}
	return newPlace(host, port, name)
}

// pairValue reads a value, and what comes after it.
func pairValue(s, separators string) (value, rest string) {
	if s != "" && strings.IndexByte(`'"{`, s[0]) >= 0 {
		end := s[0]
		if end == '{' {
			end = '}'
		}
		var b strings.Builder
		for i := 1; i < len(s); i++ {
			switch {
			case s[i] == '\\' && end != '}' && i+1 < len(s):
				i++
			case s[i] == end && i+1 < len(s) && s[i+1] == end:
				i++
			case s[i] == end:
				return b.String(), s[i+1:]
			}
			b.WriteByte(s[i])
		}
		return "", "" // It does not end.
	}
	if i := strings.IndexAny(s, separators); i >= 0 {
		return strings.TrimSpace(s[:i]), s[i+1:]
	}
	return strings.TrimSpace(s), ""
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// location is what a connector and a driver tell by their types and fields.
type location struct {
	place
	dsn      string
	packages []string // of the types of drivers and connectors, those within others included
	name     string   // of the driver's type
	byHand   bool
}

// maxVisited bounds how many values are looked at.
const maxVisited = 64

// locate looks at a connector and a driver, and at what these hold: configurations, and other connectors and drivers that they are
// around. It reads no other fields, and calls nothing.
func locate(roots ...any) (l location) {
	queue := make([]reflect.Value, 0, 8)
	for _, r := range roots {
		queue = append(queue, reflect.ValueOf(r))
	}
	if t := reflect.TypeOf(roots[len(roots)-1]); t != nil {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		l.name = t.Name()
	}
	for n := 0; n < len(queue) && n < maxVisited; n++ {
		v := queue[n]
		for i := 0; i < 4 && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface); i++ {
			v = v.Elem()
		}
		if !v.IsValid() {
			continue
		}
		t := v.Type()
		if pkg := t.PkgPath(); pkg != "" {
			l.packages = append(l.packages, pkg)
			l.byHand = l.byHand || strings.Contains(pkg, "otelsql") || strings.Contains(pkg, "/dd-trace-go")
		}
		switch {
		case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String && t.Elem().Kind() == reflect.String:
			l.pairs(v)
		case t.Kind() == reflect.Struct && t != reflect.TypeFor[url.URL]():
			queue = l.fields(v, queue)
		}
	}
	return l
}

// pairs reads a configuration that is a map.
func (l *location) pairs(v reflect.Value) {
	get := func(keys ...string) string {
		for _, k := range keys {
			if e := v.MapIndex(reflect.ValueOf(k).Convert(v.Type().Key())); e.IsValid() && e.String() != "" {
				return e.String()
			}
		}
		return ""
	}
	if l.place == (place{}) {
		l.place = newPlace(get("host", "server"), get("port"), get("dbname", "database"))
	}
}

// Interfaces that drivers implement.
var (
	connectorType = reflect.TypeFor[driver.Connector]()
	driverType    = reflect.TypeFor[driver.Driver]()
)

// fields reads a struct, and adds to queue what it holds of the same kind.
func (l *location) fields(v reflect.Value, queue []reflect.Value) []reflect.Value {
	t := v.Type()
	var host, port, name string
	for i := range t.NumField() {
		f := t.Field(i)
		of := v.Field(i)
		key := strings.ToLower(strings.ReplaceAll(f.Name, "_", ""))
		switch of.Kind() {
		case reflect.String:
			switch key {
			case "host", "hostname", "server", "addr", "address":
				host = first(host, of.String())
			case "port":
				port = first(port, of.String())
			case "database", "dbname", "databasename":
				name = first(name, of.String())
			case "dsn", "connstr", "connstring", "connectstring", "connectionstring", "datasourcename", "uri", "url":
				l.dsn = first(l.dsn, of.String())
			}
			continue
		case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
			if key == "port" && of.Int() > 0 {
				port = strconv.FormatInt(of.Int(), 10)
			}
			continue
		case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			if key == "port" && of.Uint() > 0 {
				port = strconv.FormatUint(of.Uint(), 10)
			}
			continue
		case reflect.Slice:
			if (key == "addr" || key == "addrs" || key == "hosts") && of.Type().Elem().Kind() == reflect.String && of.Len() > 0 {
				host = first(host, of.Index(0).String())
			}
			continue
		case reflect.Func, reflect.Chan:
			continue
		}
		within := f.Type.Implements(connectorType) || f.Type.Implements(driverType)
		if !within {
			switch key {
			case "config", "cfg", "connconfig", "conncfg", "connectionconfig", "params", "options", "opt", "opts", "auth", "pool", "connector", "driver", "parent", "base",
				"inner", "connectionparams", "commonparams":
				within = true
			}
		}
		if within || f.Anonymous {
			queue = append(queue, of)
		}
	}
	if p := newPlace(host, port, name); l.host == "" {
		p.name = first(p.name, l.place.name)
		l.place = p
	} else if l.place.name == "" {
		l.place.name = p.name
	}
	return queue
}
