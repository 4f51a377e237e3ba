package sdk

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/declarative"
)

// sampling is who decides which spans are recorded.
type sampling struct {
	sdktrace.Sampler
	// root decides where a trace begins; nil if it samples all, or if it decides on children as well.
	root sdktrace.Sampler
	// inherited: children of a span that is not sampled are not sampled either, and those of one that is are.
	inherited bool
	// attentive: it looks at the kind of a span and the attributes that it starts with, or at the state of the trace.
	attentive bool
}

// configuredSampler makes the sampler of a configuration; s may be nil.
func configuredSampler(s *declarative.Sampler) sampling {
	if s == nil {
		s = &declarative.Sampler{Kind: "parent_based"}
	}
	if s.Kind != "parent_based" {
		made := sampling{Sampler: newConfigured(s), attentive: attends(s)}
		if s.Kind == "always_off" {
			made.root, made.inherited = made.Sampler, true
		}
		return made
	}
	made := sampling{attentive: attends(s), inherited: s.LocalSampled == nil && s.RemoteSampled == nil && s.LocalNotSampled == nil && s.RemoteNotSampled == nil}
	made.Sampler = newConfigured(s)
	if made.inherited && s.Root != nil && s.Root.Kind != "always_on" {
		made.root = newConfigured(s.Root)
	}
	return made
}

// attends reports whether a sampler looks at more than the trace and who its parent is.
func attends(s *declarative.Sampler) bool {
	return s != nil && (s.Composite || attends(s.Root) || attends(s.LocalSampled) || attends(s.LocalNotSampled) || attends(s.RemoteSampled) || attends(s.RemoteNotSampled))
}

func newConfigured(s *declarative.Sampler) sdktrace.Sampler {
	switch {
	case s == nil:
		return sdktrace.AlwaysSample()
	case s.Composite:
		return composite{s, newComposable(s)}
	case s.Kind == "always_off":
		return sdktrace.NeverSample()
	case s.Kind == "trace_id_ratio_based":
		return sdktrace.TraceIDRatioBased(s.Ratio)
	case s.Kind == "parent_based":
		var options []sdktrace.ParentBasedSamplerOption
		for _, of := range []struct {
			sampler *declarative.Sampler
			below   func(sdktrace.Sampler) sdktrace.ParentBasedSamplerOption
		}{
			{s.RemoteSampled, sdktrace.WithRemoteParentSampled}, {s.RemoteNotSampled, sdktrace.WithRemoteParentNotSampled},
			{s.LocalSampled, sdktrace.WithLocalParentSampled}, {s.LocalNotSampled, sdktrace.WithLocalParentNotSampled},
		} {
			if of.sampler != nil {
				options = append(options, of.below(newConfigured(of.sampler)))
			}
		}
		return sdktrace.ParentBased(newConfigured(s.Root), options...)
	}
	return sdktrace.AlwaysSample()
}

// composite is the specification's composite sampler: what is within it says from which randomness on a trace is sampled, which is
// kept in the trace's state, so that every service that decides by it decides the same, and what was sampled can be counted
// (specification, trace/sdk, CompositeSampler; trace/tracestate-probability-sampling).
type composite struct {
	of *declarative.Sampler
	composable
}

// never is a threshold that no randomness, of 56 bits, reaches.
const never = 1 << 56

// composable says from which randomness on a span is sampled, and whether one of a number that are sampled can be told by that.
type composable interface {
	intent(p *sdktrace.SamplingParameters, parent trace.SpanContext) (threshold uint64, reliable bool)
}

func (c composite) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	state := parent.TraceState()
	fields := state.Get("ot")
	randomness := uint64(0)
	if value, has := field(fields, "rv"); has {
		randomness, _ = strconv.ParseUint(value, 16, 56)
	} else {
		for _, b := range p.TraceID[9:] {
			randomness = randomness<<8 | uint64(b)
		}
	}
	threshold, reliable := c.intent(&p, parent)
	decision := sdktrace.RecordAndSample
	if randomness < threshold {
		// What is below it does not follow the threshold of one that was sampled.
		decision, reliable = sdktrace.Drop, false
	}
	if now := withThreshold(fields, threshold, reliable); now == "" {
		state = state.Delete("ot")
	} else if with, err := state.Insert("ot", now); err == nil {
		state = with
	}
	return sdktrace.SamplingResult{Decision: decision, Tracestate: state}
}

func (c composite) Description() string { return "composite " + describeSampler(c.of) }

// field finds one of the fields, name:value, that semicolons are between.
func field(fields, name string) (value string, has bool) {
	for len(fields) > 0 {
		var one string
		one, fields, _ = strings.Cut(fields, ";")
		if value, has = strings.CutPrefix(one, name+":"); has {
			return value, true
		}
	}
	return "", false
}

// withThreshold writes a threshold into fields, or takes it out where it cannot be relied on.
func withThreshold(fields string, threshold uint64, reliable bool) string {
	var all []string
	if reliable {
		digits := strings.TrimRight(fmt.Sprintf("%014x", threshold), "0")
		if digits == "" {
			digits = "0"
		}
		all = append(all, "th:"+digits)
	}
	for _, one := range strings.Split(fields, ";") {
		if one != "" && !strings.HasPrefix(one, "th:") {
			all = append(all, one)
		}
	}
	return strings.Join(all, ";")
}

func newComposable(s *declarative.Sampler) composable {
	switch {
	case s == nil || s.Kind == "always_on":
		return probability(0)
	case s.Kind == "probability" && s.Ratio > 0:
		return probability(math.Round((1 - s.Ratio) * never))
	case s.Kind == "parent_threshold":
		return parentThreshold{newComposable(s.Root)}
	case s.Kind == "rule_based":
		all := make(rules, len(s.Rules))
		for i, of := range s.Rules {
			all[i] = rule{of, newComposable(of.Sampler)}
		}
		return all
	}
	return probability(never)
}

// probability is a threshold.
type probability uint64

func (p probability) intent(*sdktrace.SamplingParameters, trace.SpanContext) (uint64, bool) {
	return uint64(p), p < never
}

// parentThreshold takes the parent's threshold, or its decision where it has none.
type parentThreshold struct{ root composable }

func (p parentThreshold) intent(of *sdktrace.SamplingParameters, parent trace.SpanContext) (uint64, bool) {
	if !parent.IsValid() {
		return p.root.intent(of, parent)
	}
	if value, has := field(parent.TraceState().Get("ot"), "th"); has && 0 < len(value) && len(value) <= 14 {
		if n, err := strconv.ParseUint(value+strings.Repeat("0", 14-len(value)), 16, 56); err == nil {
			return n, true
		}
	}
	if parent.IsSampled() {
		return 0, false
	}
	return never, false
}

// rules has the first one that holds decide; none, and the span is not sampled.
type rules []rule

type rule struct {
	of declarative.Rule
	composable
}

func (all rules) intent(p *sdktrace.SamplingParameters, parent trace.SpanContext) (uint64, bool) {
	for i := range all {
		if all[i].holds(p, parent) {
			return all[i].composable.intent(p, parent)
		}
	}
	return never, false
}

func (r *rule) holds(p *sdktrace.SamplingParameters, parent trace.SpanContext) bool {
	if kinds := r.of.Kinds; len(kinds) > 0 && !slices.Contains(kinds, trace.ValidateSpanKind(p.Kind).String()) {
		return false
	}
	is := "local"
	switch {
	case !parent.IsValid():
		is = "none"
	case parent.IsRemote():
		is = "remote"
	}
	if len(r.of.Parents) > 0 && !slices.Contains(r.of.Parents, is) {
		return false
	}
	for i := range r.of.Attributes {
		if !conditionHolds(&r.of.Attributes[i], p.Attributes) {
			return false
		}
	}
	return true
}

// conditionHolds reports whether a condition holds of an attribute, or of one of its items. The last attribute of a name is it.
func conditionHolds(c *declarative.Condition, attributes []attribute.KeyValue) bool {
	for i := len(attributes) - 1; i >= 0; i-- {
		if string(attributes[i].Key) != c.Key {
			continue
		}
		for _, text := range texts(attributes[i].Value) {
			if c.Patterns {
				if (len(c.Included) == 0 || matchesAny(c.Included, text)) && !matchesAny(c.Excluded, text) {
					return true
				}
			} else if slices.Contains(c.Values, text) {
				return true
			}
		}
		return false
	}
	return false
}

// texts are a value's items as strings.
func texts(v attribute.Value) (all []string) {
	switch v.Type() {
	case attribute.STRINGSLICE:
		return v.AsStringSlice()
	case attribute.BOOLSLICE:
		for _, b := range v.AsBoolSlice() {
			all = append(all, strconv.FormatBool(b))
		}
	case attribute.INT64SLICE:
		for _, n := range v.AsInt64Slice() {
			all = append(all, strconv.FormatInt(n, 10))
		}
	case attribute.FLOAT64SLICE:
		for _, f := range v.AsFloat64Slice() {
			all = append(all, attribute.Float64Value(f).Emit())
		}
	default:
		all = append(all, v.Emit())
	}
	return all
}

func matchesAny(patterns []string, text string) bool {
	for _, p := range patterns {
		if matches(p, text) {
			return true
		}
	}
	return false
}

// matches reports whether a text is of a pattern, in which ? stands for a character and * for any number of them.
func matches(pattern, text string) bool {
	star, from := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			for t++; t < len(text) && text[t]&0xc0 == 0x80; t++ { // the rest of a character
			}
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// describeSampler names a sampler for who asks what the program does.
func describeSampler(s *declarative.Sampler) string {
	switch {
	case s == nil:
		return "parent_based"
	case s.Kind == "trace_id_ratio_based" || s.Kind == "probability":
		return s.Kind + " " + strconv.FormatFloat(s.Ratio, 'g', -1, 64)
	case s.Kind == "rule_based":
		return fmt.Sprintf("rule_based of %d rules", len(s.Rules))
	case s.Root != nil:
		return s.Kind + " of " + describeSampler(s.Root)
	}
	return s.Kind
}
