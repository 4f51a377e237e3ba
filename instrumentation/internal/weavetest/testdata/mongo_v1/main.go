// Command mongo_v1 uses a server of MongoDB's protocol in all ways that there are.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/event"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

var ctx = context.Background()

func say(what string, err error) {
	switch {
	case err == nil:
		fmt.Println(what)
	case errors.Is(err, mongo.ErrNoDocuments):
		fmt.Println(what, "is not there")
	default:
		fmt.Println(what, "fails", mongo.IsDuplicateKeyError(err), errors.Is(err, context.Canceled))
	}
}

func main() {
	heard := 0
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(os.Getenv("MONGO")).SetMonitor(&event.CommandMonitor{
		Started: func(context.Context, *event.CommandStartedEvent) { heard++ },
	}))
	if err != nil {
		log.Fatal(err)
	}
	db := client.Database("shop")
	if err := db.Collection("orders").Drop(ctx); err != nil {
		log.Fatal(err)
	}
	map[string]func(*mongo.Database){"all": all, "fail": fail, "http": parents, "many": many}[os.Args[1]](db)
	fmt.Println(heard, "commands were heard of")
	_ = client.Disconnect(ctx) // a server may not know of sessions
}

func all(db *mongo.Database) {
	orders := db.Collection("orders")
	_, err := orders.InsertOne(ctx, bson.M{"_id": 1, "name": "secret"})
	say("insert", err)
	var several []any
	for i := range 9 {
		several = append(several, bson.M{"_id": i + 2, "name": "secret"})
	}
	_, err = orders.InsertMany(ctx, several)
	say("insert several", err)
	found, err := orders.Find(ctx, bson.M{"name": "secret"}, options.Find().SetBatchSize(4))
	n := 0
	for err == nil && found.Next(ctx) {
		n++
	}
	say(fmt.Sprint("found ", n), err)
	say("nothing", orders.FindOne(ctx, bson.M{"_id": 99}).Err())
	_, err = orders.UpdateOne(ctx, bson.M{"_id": 1}, bson.M{"$set": bson.M{"name": "secret"}})
	say("update", err)
	_, err = orders.DeleteOne(ctx, bson.M{"_id": 1})
	say("delete", err)
	_, err = orders.CountDocuments(ctx, bson.M{})
	say("count", err)
	say("command", db.RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Err())
}

func fail(db *mongo.Database) {
	orders := db.Collection("orders")
	_, err := orders.InsertOne(ctx, bson.M{"_id": "secret"})
	say("insert", err)
	_, err = orders.InsertOne(ctx, bson.M{"_id": "secret"})
	say("again", err)
	_, err = orders.UpdateOne(ctx, bson.M{"_id": 1}, bson.M{"$secret": 1})
	say("update", err)
	say("command", db.RunCommand(ctx, bson.D{{Key: "noSuchCommand", Value: "secret thing"}}).Err())
	given, cancel := context.WithCancel(ctx)
	cancel()
	say("cancelled", orders.FindOne(given, bson.M{}).Err())
	nobody, err := mongo.Connect(ctx, options.Client().ApplyURI("mongodb://127.0.0.1:1").SetServerSelectionTimeout(100*time.Millisecond))
	if err != nil {
		log.Fatal(err)
	}
	say("nobody", nobody.Database("shop").Collection("orders").FindOne(ctx, bson.M{}).Err())
}

func parents(db *mongo.Database) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/background" {
			db.Collection("orders").FindOne(context.Background(), bson.M{})
		} else {
			db.Collection("orders").FindOne(r.Context(), bson.M{})
		}
	}))
	defer server.Close()
	for _, path := range []string{"/", "/background"} {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
	}
}

func many(db *mongo.Database) {
	for i := range 1000 {
		db.Collection("orders").FindOne(ctx, bson.M{"_id": i, "name": fmt.Sprint("secret ", i)})
	}
}
