// Servers is programs whose requests are carried by other packages than net/http, each named by the first argument, without a word of
// telemetry.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
	"golang.org/x/net/http2/hpack"
)

var programs = map[string]func(){
	"configured": configured, "transport": transport, "h2c": plainText, "h2c-upgrade": upgrade, "connection": connection, "panic": panics, "nested": nested, "h3": h3, "bodies": bodies,
}

func main() {
	log.SetOutput(io.Discard)
	programs[os.Args[1]]()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// mux fails where it is asked to, and asks another server for what it is asked for.
var mux = func() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("GET /fail/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(503)
		io.WriteString(w, "sorry")
	})
	m.HandleFunc("GET /silent/{id}", func(w http.ResponseWriter, r *http.Request) {})
	m.HandleFunc("GET /slow/{id}", func(w http.ResponseWriter, r *http.Request) {
		check(http.NewResponseController(w).Flush())
		<-goOn
		io.WriteString(w, "body")
	})
	m.HandleFunc("GET /early/{id}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(103); w.WriteHeader(202) })
	m.HandleFunc("GET /panic/{id}", func(w http.ResponseWriter, r *http.Request) { panic("handler") })
	m.HandleFunc("GET /ask/{id}", func(w http.ResponseWriter, r *http.Request) {
		req, _ := http.NewRequestWithContext(r.Context(), "GET", r.URL.Query().Get("to"), nil)
		resp, err := http.DefaultClient.Do(req)
		check(err)
		resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
	})
	return m
}()

// goOn has a slow response go on.
var goOn = make(chan bool)

func get(c http.RoundTripper, url string) {
	req, err := http.NewRequest("GET", url, nil)
	check(err)
	resp, err := c.RoundTrip(req)
	if err != nil {
		fmt.Printf("%T\n", err)
		return
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	fmt.Println(resp.Proto, resp.StatusCode, string(b), err, resp.Request == nil || resp.Request == req)
}

// configure returns a TLS server that has the HTTP/2 of golang.org/x/net.
func configure() *httptest.Server {
	s := httptest.NewUnstartedServer(mux)
	check(http2.ConfigureServer(s.Config, &http2.Server{}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = s.Config.TLSConfig
	s.EnableHTTP2 = true
	s.StartTLS()
	return s
}

func configured() {
	s := configure()
	get(s.Client().Transport, s.URL+"/fail/1")
	t := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	check(http2.ConfigureTransport(t))
	get(t, s.URL+"/fail/2")
	get(t, s.URL+"/silent/3")
	get(t, s.URL+"/early/4")
	t.CloseIdleConnections()
	s.Close()
}

func transport() {
	s := configure()
	t := &http2.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	get(t, s.URL+"/fail/1")
	t.CloseIdleConnections()
	s.Close()
	get(t, s.URL+"/gone")
}

// unencrypted is a transport for HTTP/2 without TLS.
func unencrypted() *http2.Transport {
	return &http2.Transport{AllowHTTP: true, DialTLSContext: func(_ context.Context, network, addr string, _ *tls.Config) (net.Conn, error) {
		return net.Dial(network, addr)
	}}
}

func plainText() {
	s := httptest.NewServer(h2c.NewHandler(mux, &http2.Server{}))
	t := unencrypted()
	get(t, s.URL+"/fail/1")
	get(t, s.URL+"/silent/2")
	own := &http.Transport{Protocols: new(http.Protocols)}
	own.Protocols.SetUnencryptedHTTP2(true)
	get(own, s.URL+"/fail/3")
	get(http.DefaultTransport, s.URL+"/fail/4")
	own.CloseIdleConnections()
	t.CloseIdleConnections()
	s.Close()
	over("h2c")
}

// upgrade upgrades a connection after its first request, and makes another one.
func upgrade() {
	s := httptest.NewServer(h2c.NewHandler(mux, &http2.Server{}))
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	check(err)
	fmt.Fprintf(c, "GET /fail/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: %s\r\n\r\n", base64.RawURLEncoding.EncodeToString(nil))
	head := make([]byte, 0, 100)
	for one := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); {
		_, err := io.ReadFull(c, one)
		check(err)
		head = append(head, one...)
	}
	fmt.Println(strings.Fields(string(head))[1])
	io.WriteString(c, http2.ClientPreface)
	f := http2.NewFramer(c, c)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	check(f.WriteSettings())
	for answered := 0; answered < 2; {
		frame, err := f.ReadFrame()
		check(err)
		h, ok := frame.(*http2.MetaHeadersFrame)
		if !ok {
			continue
		}
		fmt.Println(h.StreamID, h.PseudoValue("status"))
		if answered++; answered == 1 {
			var b bytes.Buffer
			e := hpack.NewEncoder(&b)
			for _, h := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", "/silent/2"}} {
				check(e.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]}))
			}
			check(f.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: b.Bytes(), EndStream: true, EndHeaders: true}))
		}
	}
	c.Close()
	s.Close()
	over("h2c")
}

// over waits until no goroutine is in a package or function any more.
func over(what string) {
	for stacks := make([]byte, 1<<20); strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), what+"."); {
		time.Sleep(time.Millisecond)
	}
}

// connection sends requests by a connection, without a transport.
func connection() {
	s := httptest.NewServer(h2c.NewHandler(mux, &http2.Server{}))
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	check(err)
	cc, err := unencrypted().NewClientConn(c)
	check(err)
	get(cc, s.URL+"/fail/1")
	cc.Close()
	s.Close()
	over("h2c")
}

func panics() {
	s := configure()
	t := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	check(http2.ConfigureTransport(t))
	get(t, s.URL+"/panic/1")
	t.CloseIdleConnections()
	s.Close()
}

// nested has a server ask another one, each of which speaks something else.
func nested() {
	back := httptest.NewServer(mux)
	front := httptest.NewServer(h2c.NewHandler(mux, &http2.Server{}))
	t := unencrypted()
	get(t, front.URL+"/ask/1?to="+back.URL+"/silent/2")
	t.CloseIdleConnections()
	front.Close()
	back.Close()
	over("h2c")
}

// over3 calls f with a transport and a server of HTTP/3.
func over3(f func(t *http3.Transport, url string)) {
	certificate := httptest.NewUnstartedServer(nil)
	certificate.StartTLS()
	defer certificate.Close()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(err)
	s := &http3.Server{Handler: mux, TLSConfig: http3.ConfigureTLSConfig(certificate.TLS)}
	go s.Serve(c)
	t := &http3.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	f(t, "https://"+c.LocalAddr().String())
	over("handleRequest")
	check(t.Close())
	check(s.Close())
}

func h3() {
	over3(func(t *http3.Transport, url string) {
		for _, path := range []string{"/fail/1", "/silent/2", "/early/3", "/panic/4"} {
			get(t, url+path)
		}
	})
}

// bodies makes a request between the header of another one's response and the body, over each of the transports.
func bodies() {
	ask := func(t http.RoundTripper, url string) {
		req, err := http.NewRequest("GET", url+"/slow/1", nil)
		check(err)
		resp, err := t.RoundTrip(req)
		check(err)
		get(t, url+"/silent/2")
		goOn <- true
		b, err := io.ReadAll(resp.Body)
		fmt.Println(string(b), err)
		resp.Body.Close()
	}
	s := configure()
	ask(s.Client().Transport, s.URL)
	t := &http2.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	ask(t, s.URL)
	t.CloseIdleConnections()
	s.Close()
	over3(func(t *http3.Transport, url string) { ask(t, url) })
	over3(func(t *http3.Transport, url string) {
		c, err := quic.DialAddr(context.Background(), strings.TrimPrefix(url, "https://"), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{http3.NextProtoH3}}, nil)
		check(err)
		ask(t.NewClientConn(c), url)
		check(c.CloseWithError(0, ""))
	})
}
