// Command mongo_byhand uses a server of MongoDB's protocol by a client that otelmongo instruments.
package main

import (
	"context"
	"log"
	"os"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.opentelemetry.io/contrib/instrumentation/go.mongodb.org/mongo-driver/mongo/otelmongo"
)

func main() {
	ctx := context.Background()
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(os.Getenv("MONGO")).SetMonitor(otelmongo.NewMonitor()))
	if err != nil {
		log.Fatal(err)
	}
	orders := client.Database("byhand").Collection("orders")
	orders.Drop(ctx)
	for i := range 2 {
		orders.InsertOne(ctx, bson.M{"_id": i})
		orders.FindOne(ctx, bson.M{})
	}
}
