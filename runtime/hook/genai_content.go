package hook

import (
	"bytes"
	"encoding/json"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// modelSaid is a message in the form that the semantic conventions have for them.
type modelSaid struct {
	Role   string       `json:"role"`
	Parts  []modelPiece `json:"parts"`
	Reason string       `json:"finish_reason,omitempty"`
}

// modelPiece is a part of a message. Of one that is neither text nor about a tool only the type is kept.
type modelPiece struct {
	Type      string          `json:"type"`
	Content   string          `json:"content,omitempty"`
	ID        string          `json:"id,omitempty"`
	Name      string          `json:"name,omitempty"`
	Arguments json.RawMessage `json:"arguments,omitempty"`
	Response  json.RawMessage `json:"response,omitempty"`
}

// modelMessage is a message as services have it.
type modelMessage struct {
	Role    string
	Content json.RawMessage
	Parts   json.RawMessage
	Calls   []modelCalled `json:"tool_calls"`
	Answers string        `json:"tool_call_id"`
}

// modelCalled is a call of a tool that a model asks for, or a part of one.
type modelCalled struct {
	Index    int
	ID       string
	Function struct {
		Name      string
		Arguments json.RawMessage // a string of JSON; of Ollama an object
	}
}

// modelArguments returns arguments as JSON, which may be in a string.
func modelArguments(raw json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return modelJSON(text)
	}
	return raw
}

// modelJSON returns a text as it is, if it is JSON, and else as a string.
func modelJSON(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	if json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	quoted, _ := json.Marshal(text)
	return quoted
}

// modelPieces returns the parts of a message: a string, an object, or a list of both.
func modelPieces(raw json.RawMessage) (all []modelPiece) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	switch raw[0] {
	case '"':
		var text string
		if json.Unmarshal(raw, &text) == nil && text != "" {
			all = []modelPiece{{Type: "text", Content: text}}
		}
	case '[':
		var list []json.RawMessage
		_ = json.Unmarshal(raw, &list)
		for _, one := range list {
			all = append(all, modelPieces(one)...)
		}
	case '{':
		var p struct {
			Type, Text, ID, Name string
			Input                json.RawMessage
			Use                  string `json:"tool_use_id"`
			Content              json.RawMessage
			Call                 *struct {
				ID, Name string
				Args     json.RawMessage
			} `json:"functionCall"`
			Answer *struct {
				ID, Name string
				Response json.RawMessage
			} `json:"functionResponse"`
			Parts json.RawMessage
		}
		_ = json.Unmarshal(raw, &p)
		switch {
		case p.Call != nil:
			all = []modelPiece{{Type: "tool_call", ID: p.Call.ID, Name: p.Call.Name, Arguments: p.Call.Args}}
		case p.Answer != nil:
			all = []modelPiece{{Type: "tool_call_response", ID: p.Answer.ID, Response: p.Answer.Response}}
		case p.Type == "tool_use":
			all = []modelPiece{{Type: "tool_call", ID: p.ID, Name: p.Name, Arguments: p.Input}}
		case p.Type == "tool_result":
			all = []modelPiece{{Type: "tool_call_response", ID: p.Use, Response: p.Content}}
		case p.Text != "":
			all = []modelPiece{{Type: "text", Content: p.Text}}
		case len(p.Parts) > 0:
			all = modelPieces(p.Parts)
		case p.Type != "" && len(p.Type) <= 64:
			all = []modelPiece{{Type: p.Type}}
		}
	}
	return all
}

// said returns a message in the conventions' form.
func (m modelMessage) said(role string) modelSaid {
	if m.Role != "" {
		role = m.Role
	}
	s := modelSaid{Role: Cut(role, 64)}
	if m.Answers != "" {
		s.Parts = []modelPiece{{Type: "tool_call_response", ID: m.Answers, Response: m.Content}}
		return s
	}
	s.Parts = append(modelPieces(m.Content), modelPieces(m.Parts)...)
	for _, c := range m.Calls {
		s.Parts = append(s.Parts, modelPiece{Type: "tool_call", ID: c.ID, Name: c.Function.Name, Arguments: modelArguments(c.Function.Arguments)})
	}
	return s
}

// content returns what a model is told.
func (r modelRequest) content() (system []modelPiece, messages []modelSaid) {
	for _, name := range []string{"system", "instructions", "systemInstruction"} {
		system = append(system, modelPieces(r[name])...)
	}
	for _, name := range []string{"messages", "input", "contents"} {
		var list []modelMessage
		if json.Unmarshal(r[name], &list) == nil {
			for _, m := range list {
				if s := m.said("user"); len(s.Parts) > 0 {
					messages = append(messages, s)
				}
			}
		} else if parts := modelPieces(r[name]); len(parts) > 0 {
			messages = append(messages, modelSaid{Role: "user", Parts: parts})
		}
	}
	if parts := modelPieces(r["prompt"]); len(parts) > 0 {
		messages = append(messages, modelSaid{Role: "user", Parts: parts})
	}
	return system, messages
}

// modelContentOf is what a model has answered, by choice. A nil one keeps nothing.
type modelContentOf struct {
	choices map[int]*modelChoice
	size    int
}

type modelChoice struct {
	role  string
	text  []byte
	calls map[int]*modelToolCall
	rest  []modelPiece
}

type modelToolCall struct {
	id, name  string
	arguments []byte
}

// of returns a choice, if there is room for n more bytes.
func (t *modelContentOf) of(choice, n int) *modelChoice {
	if t == nil || choice < 0 || t.size+n > maxModelText || len(t.choices) >= 128 {
		return nil
	}
	t.size += n
	if t.choices == nil {
		t.choices = map[int]*modelChoice{}
	}
	c := t.choices[choice]
	if c == nil {
		c = &modelChoice{role: "assistant", calls: map[int]*modelToolCall{}}
		t.choices[choice] = c
	}
	return c
}

func (t *modelContentOf) add(choice int, pieces []modelPiece) {
	for _, p := range pieces {
		if c := t.of(choice, len(p.Content)+len(p.Arguments)+64); c != nil {
			if p.Type == "text" {
				c.text = append(c.text, p.Content...)
			} else {
				c.rest = append(c.rest, p)
			}
		}
	}
}

// choice adds a message of a choice, or a part of one.
func (t *modelContentOf) choice(choice int, m modelMessage, text string) {
	if t == nil {
		return
	}
	t.add(choice, modelPieces(m.Content))
	if text != "" {
		t.add(choice, []modelPiece{{Type: "text", Content: text}})
	}
	for i, c := range m.Calls {
		if c.Index > 0 {
			i = c.Index
		}
		arguments := c.Function.Arguments
		var text string
		if json.Unmarshal(arguments, &text) == nil {
			arguments = json.RawMessage(text)
		}
		t.tool(choice, i, c.ID, c.Function.Name, arguments)
	}
}

// tool adds to the call of a tool.
func (t *modelContentOf) tool(choice, index int, id, name string, arguments []byte) {
	c := t.of(choice, len(arguments)+len(id)+len(name))
	if c == nil || len(c.calls) >= 128 {
		return
	}
	call := c.calls[index]
	if call == nil {
		call = new(modelToolCall)
		c.calls[index] = call
	}
	latest(&call.id, id)
	latest(&call.name, name)
	call.arguments = append(call.arguments, arguments...)
}

// call adds a whole call of a tool.
func (t *modelContentOf) call(choice int, id, name, arguments string) {
	if t != nil {
		t.add(choice, []modelPiece{{Type: "tool_call", ID: id, Name: name, Arguments: modelJSON(arguments)}})
	}
}

// parts adds a whole message.
func (t *modelContentOf) parts(choice int, _ string, content json.RawMessage) {
	if t != nil {
		t.add(choice, modelPieces(content))
	}
}

// block adds the beginning of a block of a message.
func (t *modelContentOf) block(index int, block json.RawMessage) {
	var b struct{ Type, ID, Name, Text string }
	if t == nil || json.Unmarshal(block, &b) != nil {
		return
	}
	if b.Type == "tool_use" {
		t.tool(0, index, b.ID, b.Name, nil)
	} else if b.Text != "" {
		t.add(0, []modelPiece{{Type: "text", Content: b.Text}})
	}
}

// delta adds to a block of a message.
func (t *modelContentOf) delta(index int, delta json.RawMessage) {
	var d struct {
		Text string
		JSON string `json:"partial_json"`
	}
	if t == nil || json.Unmarshal(delta, &d) != nil {
		return
	}
	if d.JSON != "" {
		t.tool(0, index, "", "", []byte(d.JSON))
	}
	if d.Text != "" {
		t.add(0, []modelPiece{{Type: "text", Content: d.Text}})
	}
}

// messages returns the answers in the conventions' form.
func (t *modelContentOf) messages(a *modelAnswer) (all []modelSaid) {
	var choices []int
	for c := range t.choices {
		choices = append(choices, c)
	}
	slices.Sort(choices)
	for _, n := range choices {
		c := t.choices[n]
		s := modelSaid{Role: c.role, Reason: a.reasons[n]}
		if len(c.text) > 0 {
			s.Parts = append(s.Parts, modelPiece{Type: "text", Content: string(c.text)})
		}
		s.Parts = append(s.Parts, c.rest...)
		var calls []int
		for i := range c.calls {
			calls = append(calls, i)
		}
		slices.Sort(calls)
		for _, i := range calls {
			call := c.calls[i]
			s.Parts = append(s.Parts, modelPiece{Type: "tool_call", ID: call.id, Name: call.name, Arguments: modelJSON(string(call.arguments))})
		}
		all = append(all, s)
	}
	return all
}

// setModelJSON records a value as JSON that is no longer than an attribute may be: texts in it are cut, and where that is not enough it is
// left out.
func setModelJSON[T modelSaid | modelPiece](op Op, key string, values []T) {
	if len(values) == 0 {
		return
	}
	for _, limit := range []int{wire.MaxText, 4 << 10, 1 << 10, 128} {
		for i := range values {
			cutModel(&values[i], limit)
		}
		if text, err := json.Marshal(values); err == nil && len(text) <= wire.MaxText {
			op.Set(attribute.String(key, string(text)))
			return
		}
	}
}

func cutModel(value any, limit int) {
	cut := func(p *modelPiece) {
		p.Content, p.ID, p.Name = Cut(p.Content, limit), Cut(p.ID, 256), Cut(p.Name, 256)
		for _, raw := range []*json.RawMessage{&p.Arguments, &p.Response} {
			if len(*raw) > limit {
				*raw = nil
			}
		}
	}
	switch v := value.(type) {
	case *modelPiece:
		cut(v)
	case *modelSaid:
		v.Parts = slices.Clone(v.Parts)
		for i := range v.Parts {
			cut(&v.Parts[i])
		}
	}
}
