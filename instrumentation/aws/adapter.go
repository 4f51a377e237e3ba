//go:build weave_adapter

package middleware

import (
	"context"
	"reflect"
)

// weaveOperation returns the operation that a stack is for, with the service and the region that its context or one of its steps tells;
// an empty operation for one that sends no request, or that the program has instrumented. A service that nothing tells is empty.
func weaveOperation(ctx context.Context, stack interface{}) (operation, service, region string) {
	s, _ := stack.(*Stack)
	if s == nil {
		return "", "", ""
	}
	if s.Finalize != nil {
		if _, presigns := s.Finalize.Get("PresignHTTPRequest"); presigns {
			return "", "", ""
		}
	}
	values, _ := ctx.Value(stackValuesKey{}).(*stackValues)
	for ; values != nil; values = values.parent {
		text, _ := values.value.(string)
		switch reflect.TypeOf(values.key).Name() {
		case "serviceIDKey":
			if service == "" {
				service = text
			}
		case "regionKey":
			if region == "" {
				region = text
			}
		}
	}
	if s.Initialize == nil {
		return s.id, service, region
	}
	if _, byHand := s.Initialize.Get("OTelInitializeMiddlewareAfter"); byHand {
		return "", "", ""
	}
	if registers, ok := s.Initialize.Get("RegisterServiceMetadata"); ok && service == "" {
		v := reflect.Indirect(reflect.ValueOf(registers))
		if v.Kind() == reflect.Struct {
			if f := v.FieldByName("ServiceID"); f.Kind() == reflect.String {
				service = f.String()
			}
			if f := v.FieldByName("Region"); f.Kind() == reflect.String {
				region = f.String()
			}
		}
	}
	return s.id, service, region
}

// weaveMetadata returns the identifiers that a service gave to a request.
func weaveMetadata(metadata interface{}) (request, extended string) {
	m, _ := metadata.(Metadata)
	for key, value := range m.values {
		text, _ := value.(string)
		switch reflect.TypeOf(key).Name() {
		case "requestIDKey":
			request = text
		case "hostID":
			extended = text
		}
	}
	return request, extended
}
