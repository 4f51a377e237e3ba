package inventory

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

func open(t *testing.T, name string) *Store {
	t.Helper()
	store, err := Open(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Put(context.Background(), Item{SKU: "kettle", Name: "Kettle", Cents: 3900, Stock: 2}); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestReserve(t *testing.T) {
	for name, database := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "stock.db")} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			store := open(t, database)
			got, err := store.Reserve(ctx, "kettle", 2)
			if err != nil || got.ID == 0 || got.Left != 0 {
				t.Fatalf("got %+v, %v", got, err)
			}
			for _, wrong := range []struct {
				sku      string
				quantity int64
				want     error
			}{
				{"kettle", 1, ErrOutOfStock},
				{"teapot", 1, ErrUnknownItem},
				{"kettle", 0, ErrQuantity},
			} {
				if _, err := store.Reserve(ctx, wrong.sku, wrong.quantity); !errors.Is(err, wrong.want) {
					t.Errorf("%d of %s: got %v, want %v", wrong.quantity, wrong.sku, err, wrong.want)
				}
			}
			item, err := store.Item(ctx, "kettle")
			if err != nil || item.Stock != 0 {
				t.Fatalf("got %+v, %v", item, err)
			}
		})
	}
}

func TestTransactionRollsBack(t *testing.T) {
	ctx := context.Background()
	store := open(t, "")
	_, err := store.Reserve(ctx, "kettle", 3)
	if !errors.Is(err, ErrOutOfStock) {
		t.Fatalf("got %v", err)
	}
	if item, err := store.Item(ctx, "kettle"); err != nil || item.Stock != 2 {
		t.Fatalf("got %+v, %v", item, err)
	}
}
