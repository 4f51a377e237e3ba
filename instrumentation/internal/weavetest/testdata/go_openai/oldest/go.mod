module example.com/go_openai

go 1.24

require github.com/sashabaranov/go-openai v1.20.0
