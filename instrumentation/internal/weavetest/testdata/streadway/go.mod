module example.com/streadway

go 1.26

require github.com/streadway/amqp v1.1.0
