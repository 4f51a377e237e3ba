package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// GenAI describes calls of models that generate text, by the semantic conventions for generative AI 0.1.0: a span for each call with all
// its tries, until the answer is read to its end, and metrics. It covers the common protocol of the libraries: JSON over HTTP, and answers
// that arrive in parts as events or lines.
//
//	ctx, call := models.Start(ctx, "POST", base, "chat/completions", body)
//	...
//	call.Read(response) // whose body is read to its end by the program
//	call.Fail(status, err)
//
// What a model is told and answers is recorded where OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT asks for it, and nowhere else.
type GenAI struct {
	of                           *Instrumentation
	provider                     string
	inference, embeddings, first *Duration[modelKey]
	input, output                *Counter[modelKey]
}

// modelKey is what the metrics of calls are told apart by.
type modelKey struct {
	operation, provider, request, response, address, failed, modality string
	port                                                              int
}

// modelBuckets are those of the semantic conventions.
var modelBuckets = []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}

// NewGenAI returns the GenAI of an instrumentation; provider is the value of gen_ai.provider.name for a service that its address does not
// identify.
func NewGenAI(i *Instrumentation, provider string) *GenAI {
	g := &GenAI{of: i, provider: provider}
	g.inference = NewDuration(i, "gen_ai.client.inference.duration", "GenAI client inference operation duration.", modelBuckets, modelMeasured)
	g.embeddings = NewDuration(i, "gen_ai.client.embeddings.duration", "GenAI client embeddings operation duration.", modelBuckets, modelMeasured)
	g.first = NewDuration(i, "gen_ai.client.inference.time_to_first_chunk", "Time to receive the first chunk, measured from when the client issues the generation request to when the first chunk is received in the response stream.", modelBuckets, modelMeasured)
	g.input = NewCounter(i, "gen_ai.client.inference.usage.input_tokens", "{token}", "The number of input (prompt) tokens used, including cached tokens.", modelMeasured)
	g.output = NewCounter(i, "gen_ai.client.inference.usage.output_tokens", "{token}", "The number of output (completion) tokens used, including reasoning tokens.", modelMeasured)
	return g
}

func modelMeasured(k modelKey) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 8), attribute.String("gen_ai.operation.name", k.operation), attribute.String("gen_ai.provider.name", k.provider))
	attrs = optional(attrs, "gen_ai.request.model", k.request)
	attrs = optional(attrs, "gen_ai.response.model", k.response)
	attrs = optional(attrs, "gen_ai.token.modality", k.modality)
	attrs = optional(attrs, "error.type", k.failed)
	attrs = addressed(attrs, k.address, k.port)
	return attrs
}

// What the conventions call operations.
const (
	modelChat       = "chat"
	modelContent    = "generate_content"
	modelCompletion = "text_completion"
	modelEmbeddings = "embeddings"
)

// modelOperations are the operations by the end of the path that they are asked for by.
var modelOperations = []struct{ end, operation string }{
	{"/chat/completions", modelChat}, {"/completions", modelCompletion}, {"/embeddings", modelEmbeddings}, {"/responses", modelChat},
	{"/v1/messages", modelChat}, {"/v1/complete", modelCompletion},
	{":generateContent", modelContent}, {":streamGenerateContent", modelContent}, {":embedContent", modelEmbeddings}, {":batchEmbedContents", modelEmbeddings},
	{"/api/chat", modelChat}, {"/api/generate", modelCompletion}, {"/api/embed", modelEmbeddings}, {"/api/embeddings", modelEmbeddings},
}

// modelOperation returns which operation a request asks for, "" for none, and the model, if the path has it.
func modelOperation(method, at string) (operation, model string) {
	if method != http.MethodPost {
		return "", ""
	}
	at = "/" + strings.Trim(at, "/")
	for _, o := range modelOperations {
		if strings.HasSuffix(at, o.end) {
			if o.end[0] == ':' {
				model, _, _ = strings.Cut(path.Base(at), ":")
			}
			return o.operation, model
		}
	}
	return "", ""
}

// modelProviders are the providers by the end of their host.
var modelProviders = []struct{ end, provider string }{
	{"api.openai.com", "openai"}, {".openai.azure.com", "azure.ai.openai"}, {".services.ai.azure.com", "azure.ai.inference"},
	{"api.anthropic.com", "anthropic"}, {".amazonaws.com", "aws.bedrock"}, {"generativelanguage.googleapis.com", "gcp.gemini"},
	{"aiplatform.googleapis.com", "gcp.vertex_ai"}, {"-aiplatform.googleapis.com", "gcp.vertex_ai"}, {"api.deepseek.com", "deepseek"}, {"api.groq.com", "groq"}, {"api.mistral.ai", "mistral_ai"},
	{"api.x.ai", "x_ai"}, {"api.perplexity.ai", "perplexity"}, {"api.cohere.com", "cohere"}, {"api.moonshot.ai", "moonshot_ai"},
}

// Bounds of what is looked at, in bytes.
const (
	maxModelBody = 8 << 20   // a request, or an answer that comes as a whole
	maxModelLine = 1 << 20   // a part of an answer
	maxModelText = 256 << 10 // what is kept of an answer's parts, where it is to be recorded
)

// ModelCall is a call of a model. A nil one is not a call, and its methods do nothing.
type ModelCall struct {
	of    *GenAI
	ctx   context.Context
	op    Op
	begun time.Time
	key   modelKey

	mu     sync.Mutex
	ended  bool
	stream bool
	first  bool // its first part has come
	answer modelAnswer
	told   *modelContentOf // what is recorded of the content; nil for nothing
}

// modelCapture reports whether the content is recorded.
var modelCapture = sync.OnceValue(func() bool { return Switch("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT") })

// Calls reports whether a request with this method and path is a call of a model.
func (g *GenAI) Calls(method, at string) bool {
	operation, _ := modelOperation(method, at)
	return operation != ""
}

// Start begins a call of a model by a request with this method, path and body; base is the address of the service, which may be nil. It
// returns no call for other requests, or within a call of another library.
func (g *GenAI) Start(ctx context.Context, method string, base *url.URL, at string, body []byte) (context.Context, *ModelCall) {
	c, name, asked := g.call(ctx, method, base, at, body)
	if c == nil {
		return ctx, nil
	}
	described := func() []attribute.KeyValue { return append(modelMeasured(c.key), asked.attributes(c.stream)...) }
	with, op, late := g.of.StartBare(ctx, Client, name, described)
	if op.Span() == nil {
		return ctx, nil
	}
	if late && op.Recording() {
		op.Set(described()...)
	}
	c.ctx, c.op = with, op
	if modelCapture() && op.Recording() {
		c.told = new(modelContentOf)
		if system, messages := asked.content(); len(messages)+len(system) > 0 {
			setModelJSON(op, "gen_ai.system_instructions", system)
			setModelJSON(op, "gen_ai.input.messages", messages)
		}
	}
	return with, c
}

// Measure is Start for a call for which the library itself makes a span: it records only metrics.
func (g *GenAI) Measure(ctx context.Context, method string, base *url.URL, at string, body []byte) *ModelCall {
	c, _, _ := g.call(ctx, method, base, at, body)
	return c
}

// call returns a call that is not begun, or nil, and the name of its span.
func (g *GenAI) call(ctx context.Context, method string, base *url.URL, at string, body []byte) (*ModelCall, string, modelRequest) {
	if g == nil || ctx == nil || !g.of.On() {
		return nil, "", nil
	}
	operation, model := modelOperation(method, at)
	if operation == "" {
		return nil, "", nil
	}
	if _, within := LayerGenAI.Above(ctx, g.of); within {
		return nil, "", nil
	}
	c := &ModelCall{of: g, ctx: ctx, key: modelKey{operation: operation, provider: g.provider, request: model}}
	if base != nil {
		c.key.address, c.key.port = base.Hostname(), 443
		if port, err := strconv.Atoi(base.Port()); err == nil {
			c.key.port = port
		} else if base.Scheme == "http" {
			c.key.port = 80
		}
		for _, p := range modelProviders {
			if c.key.address == p.end || strings.ContainsRune(".-", rune(p.end[0])) && strings.HasSuffix(c.key.address, p.end) {
				c.key.provider = p.provider
			}
		}
	}
	asked := modelRequest{}
	if len(body) > 0 && len(body) <= maxModelBody {
		asked = readModelRequest(body)
	}
	if c.key.request == "" {
		c.key.request = Cut(asked.text("model"), 256)
	}
	c.stream = asked.flag("stream") || strings.HasSuffix(at, ":streamGenerateContent")
	name := operation
	if c.key.request != "" {
		name += " " + c.key.request
	}
	duration := g.inference
	if operation == modelEmbeddings {
		duration = g.embeddings
	}
	c.begun = duration.Start()
	return c, name, asked
}

// Answer sets the complete answer, as JSON.
func (c *ModelCall) Answer(text []byte) {
	if c == nil || len(text) > maxModelBody {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.take(text)
}

// take adds an answer, or a part of it.
func (c *ModelCall) take(text []byte) (last bool) {
	if c.ended {
		return true
	}
	if c.stream && !c.first {
		c.first = true
		if !c.begun.IsZero() {
			if c.op.Recording() {
				c.op.Set(attribute.Float64("gen_ai.response.time_to_first_chunk", time.Since(c.begun).Seconds()))
			}
			if c.key.operation != modelEmbeddings {
				c.of.first.Stop(c.ctx, c.begun, c.key)
			}
		}
	}
	return c.answer.take(text, c.told)
}

// Read extends the call until the program has read the body of a response to its end, or closed it.
func (c *ModelCall) Read(r *http.Response) {
	if c == nil {
		return
	}
	if r == nil || r.Body == nil {
		c.End(nil)
		return
	}
	kind := r.Header.Get("Content-Type")
	b := &modelBody{ReadCloser: r.Body, of: c}
	switch {
	case r.StatusCode >= 400:
		b.refused = r.StatusCode
	case strings.HasPrefix(kind, "text/event-stream"):
		b.events = true
	case strings.HasPrefix(kind, "application/x-ndjson"):
		b.lines = true
	}
	c.mu.Lock()
	c.stream = c.stream || b.events || b.lines
	c.mu.Unlock()
	r.Body = b
}

// modelBody reads along.
type modelBody struct {
	io.ReadCloser
	of            *ModelCall
	events, lines bool
	kept          []byte
	skip          bool // the rest of a line that is too long
	refused       int  // the status of a refusal, of which nothing is looked at
}

// end ends the call, at the end of the body.
func (b *modelBody) end() {
	if b.refused > 0 {
		b.of.Fail(b.refused, errModel)
		return
	}
	Try(b.finish)
	b.of.End(nil)
}

func (b *modelBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 && b.refused == 0 {
		Try(func() { b.add(p[:n]) })
	}
	switch {
	case err == io.EOF:
		b.end()
	case err != nil:
		b.of.End(err)
	}
	return n, err
}

func (b *modelBody) Close() error {
	err := b.ReadCloser.Close()
	b.end()
	return err
}

func (b *modelBody) add(text []byte) {
	c := b.of
	c.mu.Lock()
	last := c.ended
	if !b.events && !b.lines {
		if !last && len(b.kept)+len(text) <= maxModelBody {
			b.kept = append(b.kept, text...)
		} else {
			b.kept, b.skip = nil, true
		}
		c.mu.Unlock()
		return
	}
	for len(text) > 0 && !last {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		text = rest
		if !b.skip {
			if len(b.kept)+len(line) > maxModelLine {
				b.kept, b.skip = nil, true
			} else if b.kept = append(b.kept, line...); whole {
				last = b.line(b.kept)
			}
		}
		if whole {
			b.kept, b.skip = b.kept[:0], false
		}
	}
	c.mu.Unlock()
	if last {
		c.End(nil)
	}
}

// line takes a line of an answer, and tells whether it is the last one that counts.
func (b *modelBody) line(line []byte) bool {
	line = bytes.TrimSpace(line)
	if b.events {
		data, ok := bytes.CutPrefix(line, []byte("data:"))
		if !ok {
			return false
		}
		if line = bytes.TrimSpace(data); string(line) == "[DONE]" {
			return true
		}
	}
	return len(line) > 0 && b.of.take(line)
}

func (b *modelBody) finish() {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	switch {
	case b.skip || len(b.kept) == 0:
	case b.events || b.lines:
		b.line(b.kept)
	default:
		b.of.take(b.kept)
	}
	b.kept = nil
}

// errModel is what a call ends with that the service has refused; what it says of it may quote the request.
var errModel = modelError{}

type modelError struct{}

func (modelError) Error() string { return "" }

// Fail ends the call with an error that the library returns; status is that of the response, 0 for none. The text of an error with a
// response may quote the prompt, and is not kept.
func (c *ModelCall) Fail(status int, err error) {
	if c == nil || err == nil {
		c.End(err)
		return
	}
	if status >= 400 {
		c.end(err, strconv.Itoa(status), "")
		return
	}
	c.end(err, ErrorType(err), shownError(err))
}

// End ends the call. Only the first end has an effect.
func (c *ModelCall) End(err error) {
	switch {
	case c == nil:
	case err == nil:
		c.end(nil, "", "")
	default:
		c.end(err, ErrorType(err), shownError(err))
	}
}

func (c *ModelCall) end(err error, kind, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.ended = true
	a := &c.answer
	if err == nil && a.failed != "" {
		err, kind = errModel, a.failed
	}
	c.key.response, c.key.failed = Cut(a.model, 256), kind
	if c.key.operation == modelEmbeddings {
		c.of.embeddings.Stop(c.ctx, c.begun, c.key)
	} else {
		c.of.inference.Stop(c.ctx, c.begun, c.key)
		used := c.key
		used.failed, used.modality = "", "unknown"
		c.of.input.Add(c.ctx, used, a.input())
		c.of.output.Add(c.ctx, used, a.output)
	}
	if c.op.Recording() {
		c.op.Set(a.attributes()...)
		if c.told != nil {
			setModelJSON(c.op, "gen_ai.output.messages", c.told.messages(a))
		}
	}
	c.op.EndAs(err, kind, text)
}

type modelCallKey struct{}

// Begin is Start for a library that makes requests of package http, before it sends one. It returns the request to send.
func (g *GenAI) Begin(request *http.Request) *http.Request {
	if g == nil || request == nil || request.URL == nil || !g.Calls(request.Method, request.URL.Path) || !g.of.On() {
		return request
	}
	var body []byte
	if request.GetBody != nil {
		Try(func() {
			if from, err := request.GetBody(); err == nil {
				body, _ = io.ReadAll(io.LimitReader(from, maxModelBody+1))
				from.Close()
			}
		})
	}
	ctx, call := g.Start(request.Context(), request.Method, request.URL, request.URL.Path, body)
	if call == nil {
		return request
	}
	return request.WithContext(context.WithValue(ctx, modelCallKey{}, call))
}

// Got takes the result of a request that Begin returned, before the response is read.
func (g *GenAI) Got(request *http.Request, response *http.Response, err error) {
	if request == nil {
		return
	}
	call, _ := Value(request.Context(), modelCallKey{}).(*ModelCall)
	if err != nil {
		call.End(err)
		return
	}
	call.Read(response)
}

// Finish ends a call with the result of a client generated by Stainless: an error, or an answer in into, which may be a response that the
// program reads.
func Finish(call *ModelCall, into any, err error) {
	if call == nil {
		return
	}
	if err != nil {
		status := 0
		Try(func() {
			if v := reflect.Indirect(reflect.ValueOf(err)); v.Kind() == reflect.Struct {
				if f := v.FieldByName("StatusCode"); f.IsValid() && f.CanInt() {
					status = int(f.Int())
				}
			}
		})
		call.Fail(status, err)
		return
	}
	switch at := into.(type) {
	case nil:
	case **http.Response:
		call.Read(*at)
		return
	case *[]byte:
		call.Answer(*at)
	default:
		Try(func() { call.Answer([]byte(rawAnswer(at))) })
	}
	call.End(nil)
}

// rawAnswer returns the text that an answer was made of, at a pointer to it, or to a pointer to it.
func rawAnswer(at any) string {
	v := reflect.ValueOf(at)
	for v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		if raw, ok := v.Interface().(interface{ RawJSON() string }); ok {
			return raw.RawJSON()
		}
	}
	return ""
}

// modelRequest has the top level of a request, and what is below the names that settings are below.
type modelRequest map[string]json.RawMessage

// modelSettings is what settings are called that have several names.
var modelSettings = map[string]string{
	"max_completion_tokens": "max_tokens", "max_output_tokens": "max_tokens", "maxOutputTokens": "max_tokens", "num_predict": "max_tokens", "max_tokens_to_sample": "max_tokens",
	"topP": "top_p", "topK": "top_k", "frequencyPenalty": "frequency_penalty", "presencePenalty": "presence_penalty", "stop_sequences": "stop", "stopSequences": "stop",
	"candidateCount": "n", "outputDimensionality": "dimensions", "responseMimeType": "mime",
}

func readModelRequest(body []byte) modelRequest {
	r := modelRequest{}
	if json.Unmarshal(body, &r) != nil {
		return modelRequest{}
	}
	for _, below := range []string{"generationConfig", "options"} {
		var settings map[string]json.RawMessage
		if json.Unmarshal(r[below], &settings) == nil {
			for name, value := range settings {
				if _, there := r[name]; !there {
					r[name] = value
				}
			}
		}
	}
	for name, as := range modelSettings {
		if value, there := r[name]; there {
			r[as] = value
		}
	}
	return r
}

func (r modelRequest) text(name string) (text string) {
	_ = json.Unmarshal(r[name], &text)
	return text
}

func (r modelRequest) flag(name string) (yes bool) {
	_ = json.Unmarshal(r[name], &yes)
	return yes
}

// attributes are those of a request's settings.
func (r modelRequest) attributes(stream bool) (attrs []attribute.KeyValue) {
	whole := func(name, as string, but int64) {
		var n float64
		if json.Unmarshal(r[name], &n) == nil && r[name] != nil && string(r[name]) != "null" && int64(n) != but {
			attrs = append(attrs, attribute.Int64(as, int64(n)))
		}
	}
	real := func(name, as string) {
		var n float64
		if json.Unmarshal(r[name], &n) == nil && r[name] != nil && string(r[name]) != "null" {
			attrs = append(attrs, attribute.Float64(as, n))
		}
	}
	list := func(name, as string) {
		var all []string
		if one := r.text(name); one != "" {
			all = []string{one}
		} else {
			_ = json.Unmarshal(r[name], &all)
		}
		if len(all) > 0 {
			attrs = append(attrs, attribute.StringSlice(as, all[:min(len(all), 16)]))
		}
	}
	const never = -1 << 63
	whole("max_tokens", "gen_ai.request.max_tokens", never)
	whole("top_k", "gen_ai.request.top_k", never)
	whole("seed", "gen_ai.request.seed", never)
	whole("n", "gen_ai.request.choice.count", 1)
	whole("dimensions", "gen_ai.embeddings.dimension.count", never)
	real("temperature", "gen_ai.request.temperature")
	real("top_p", "gen_ai.request.top_p")
	real("frequency_penalty", "gen_ai.request.frequency_penalty")
	real("presence_penalty", "gen_ai.request.presence_penalty")
	list("stop", "gen_ai.request.stop_sequences")
	list("encoding_format", "gen_ai.request.encoding_formats")
	attrs = optional(attrs, "openai.request.service_tier", r.text("service_tier"))
	if stream {
		attrs = append(attrs, attribute.Bool("gen_ai.request.stream", true))
	}
	var format struct {
		Type   string
		Format struct{ Type string }
	}
	if json.Unmarshal(r["response_format"], &format) != nil {
		_ = json.Unmarshal(r["text"], &format)
	}
	kind := format.Type + format.Format.Type + r.text("mime") + r.text("format")
	switch {
	case strings.Contains(kind, "json"):
		attrs = append(attrs, attribute.String("gen_ai.output.type", "json"))
	case strings.HasPrefix(kind, "text"):
		attrs = append(attrs, attribute.String("gen_ai.output.type", "text"))
	}
	return attrs
}

// modelAnswer is what is known of an answer.
type modelAnswer struct {
	id, model, tier, fingerprint, failed  string
	reasons                               map[int]string
	plain, read, written, output, thought int64 // tokens; plain without those that a cache had, or with them
	apart                                 bool  // plain is without them
}

func (a *modelAnswer) input() int64 {
	if a.apart {
		return a.plain + a.read + a.written
	}
	return a.plain
}

// modelUsage is what services say of tokens.
type modelUsage struct {
	Prompt     *int64 `json:"prompt_tokens"`
	Completion *int64 `json:"completion_tokens"`
	Input      *int64 `json:"input_tokens"`
	Output     *int64 `json:"output_tokens"`
	Written    *int64 `json:"cache_creation_input_tokens"`
	Read       *int64 `json:"cache_read_input_tokens"`
	Prompts    struct {
		Cached *int64 `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	Inputs struct {
		Cached *int64 `json:"cached_tokens"`
	} `json:"input_tokens_details"`
	Completions struct {
		Reasoning *int64 `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
	Outputs struct {
		Reasoning *int64 `json:"reasoning_tokens"`
	} `json:"output_tokens_details"`
}

// modelPart is an answer of any service, or a part of it.
type modelPart struct {
	Type        string
	ID          string `json:"id"`
	Model       string `json:"model"`
	Tier        string `json:"service_tier"`
	Fingerprint string `json:"system_fingerprint"`
	Choices     []struct {
		Index   int
		Reason  string `json:"finish_reason"`
		Message modelMessage
		Delta   modelMessage
		Text    string
	}
	Usage    *modelUsage
	Stop     string          `json:"stop_reason"`
	Delta    json.RawMessage // of a message: an object; of an item of a response: a string
	Role     string
	Content  json.RawMessage
	Index    int
	Block    json.RawMessage `json:"content_block"`
	Message  json.RawMessage // of a message that begins; of Ollama
	Response json.RawMessage // of a response that begins or ends; of Ollama
	Status   string
	Output   []struct {
		Type, Role, Name, Arguments string
		Call                        string `json:"call_id"`
		Content                     json.RawMessage
	}
	Incomplete struct{ Reason string } `json:"incomplete_details"`
	Candidates []struct {
		Index   int
		Reason  string `json:"finishReason"`
		Content struct {
			Role  string
			Parts json.RawMessage
		}
	}
	Google *struct {
		Prompt   int64 `json:"promptTokenCount"`
		Answer   int64 `json:"candidatesTokenCount"`
		Cached   int64 `json:"cachedContentTokenCount"`
		Thoughts int64 `json:"thoughtsTokenCount"`
	} `json:"usageMetadata"`
	Version string `json:"modelVersion"`
	Google2 string `json:"responseId"`
	Done    bool
	Why     string `json:"done_reason"`
	Prompt  int64  `json:"prompt_eval_count"`
	Eval    int64  `json:"eval_count"`
	Error   json.RawMessage
}

func latest[T comparable](to *T, value T) {
	var none T
	if value != none {
		*to = value
	}
}

func lastCount(to *int64, values ...*int64) {
	for _, v := range values {
		if v != nil && *v >= 0 {
			*to = *v
		}
	}
}

// take adds an answer, or a part of it, and tells whether it is the last one.
func (a *modelAnswer) take(text []byte, told *modelContentOf) (last bool) {
	var p modelPart
	// What has another type than is known is left out.
	if _, wrong := json.Unmarshal(text, &p).(*json.SyntaxError); wrong {
		return false
	}
	if a.reasons == nil {
		a.reasons = map[int]string{}
	}
	latest(&a.id, p.ID)
	latest(&a.id, p.Google2)
	latest(&a.model, p.Model)
	latest(&a.model, p.Version)
	latest(&a.tier, p.Tier)
	latest(&a.fingerprint, p.Fingerprint)
	a.used(p.Usage)
	for _, c := range p.Choices {
		a.reason(c.Index, c.Reason)
		told.choice(c.Index, c.Message, c.Text)
		told.choice(c.Index, c.Delta, "")
	}
	a.reason(0, p.Stop)
	switch p.Type {
	case "message": // whole
		told.parts(0, p.Role, p.Content)
	case "message_start":
		last = a.take(p.Message, nil)
	case "content_block_start":
		told.block(p.Index, p.Block)
	case "content_block_delta":
		told.delta(p.Index, p.Delta)
	case "message_delta":
		var d struct {
			Stop string `json:"stop_reason"`
		}
		_ = json.Unmarshal(p.Delta, &d)
		a.reason(0, d.Stop)
	case "message_stop":
		return true
	case "error":
		a.refused(p.Error)
	case "response.completed", "response.failed", "response.incomplete":
		a.take(p.Response, told)
		return true
	case "response.created", "response.in_progress":
		a.take(p.Response, nil)
	}
	switch p.Status {
	case "completed":
		a.reason(0, "stop")
	case "incomplete":
		a.reason(0, p.Incomplete.Reason)
	case "failed":
		a.refused(p.Error)
	}
	for _, o := range p.Output {
		switch o.Type {
		case "message":
			told.parts(0, o.Role, o.Content)
		case "function_call":
			told.call(0, o.Call, o.Name, o.Arguments)
		}
	}
	for _, c := range p.Candidates {
		a.reason(c.Index, c.Reason)
		told.parts(c.Index, c.Content.Role, c.Content.Parts)
	}
	if g := p.Google; g != nil {
		a.plain, a.read, a.output, a.thought = g.Prompt, g.Cached, g.Answer+g.Thoughts, g.Thoughts
	}
	if p.Prompt > 0 || p.Eval > 0 || p.Done {
		latest(&a.plain, p.Prompt)
		latest(&a.output, p.Eval)
	}
	if p.Type == "" && len(p.Choices) == 0 {
		var m modelMessage
		if json.Unmarshal(p.Message, &m) == nil {
			told.choice(0, m, "")
		}
		var s string
		if json.Unmarshal(p.Response, &s) == nil {
			told.choice(0, modelMessage{}, s)
		}
	}
	if p.Done {
		a.reason(0, p.Why)
		return true
	}
	if p.Type == "" && len(p.Error) > 0 && string(p.Error) != "null" {
		a.refused(p.Error)
	}
	return last
}

func (a *modelAnswer) used(u *modelUsage) {
	if u == nil {
		return
	}
	lastCount(&a.plain, u.Prompt, u.Input)
	lastCount(&a.output, u.Completion, u.Output)
	lastCount(&a.read, u.Read, u.Prompts.Cached, u.Inputs.Cached)
	lastCount(&a.written, u.Written)
	lastCount(&a.thought, u.Completions.Reasoning, u.Outputs.Reasoning)
	a.apart = a.apart || u.Written != nil || u.Read != nil
}

func (a *modelAnswer) reason(choice int, reason string) {
	if reason != "" && choice >= 0 && (len(a.reasons) < 128 || a.reasons[choice] != "") {
		a.reasons[choice] = Cut(reason, 64)
	}
}

// refused is an error that is a part of an answer.
func (a *modelAnswer) refused(text json.RawMessage) {
	var e struct{ Type, Code, Status string }
	_ = json.Unmarshal(text, &e)
	a.failed = "_OTHER"
	for _, name := range []string{e.Status, e.Code, e.Type} {
		if name != "" && len(name) <= 64 {
			a.failed = name
		}
	}
}

func (a *modelAnswer) attributes() (attrs []attribute.KeyValue) {
	attrs = optional(attrs, "gen_ai.response.id", a.id)
	attrs = optional(attrs, "gen_ai.response.model", a.model)
	attrs = optional(attrs, "openai.response.service_tier", a.tier)
	attrs = optional(attrs, "openai.response.system_fingerprint", a.fingerprint)
	if len(a.reasons) > 0 {
		attrs = append(attrs, attribute.StringSlice("gen_ai.response.finish_reasons", a.order()))
	}
	for _, n := range []struct {
		key   string
		count int64
	}{
		{"gen_ai.usage.input_tokens", a.input()}, {"gen_ai.usage.output_tokens", a.output}, {"gen_ai.usage.cache_read.input_tokens", a.read},
		{"gen_ai.usage.cache_write.input_tokens", a.written}, {"gen_ai.usage.reasoning.output_tokens", a.thought},
	} {
		if n.count > 0 {
			attrs = append(attrs, attribute.Int64(n.key, n.count))
		}
	}
	return attrs
}

// order are the reasons in the order of the choices.
func (a *modelAnswer) order() (all []string) {
	var choices []int
	for c := range a.reasons {
		choices = append(choices, c)
	}
	slices.Sort(choices)
	for _, c := range choices {
		all = append(all, a.reasons[c])
	}
	return all
}
