package main

import (
	"strings"
	"testing"
)

func TestTheEnvironmentSaysWhatTheServiceUses(t *testing.T) {
	read, err := readSettings([]string{
		"SERVICE=cart-service", "ROLE=cart", "PORT=8005", "CACHES=view_cache,other",
		"CART_STORE_URL=redis://a:b@redis:6379/0", "CART_STORE_KEY_PREFIX=cart:",
		"VIEW_CACHE_URL=redis://a:b@redis-cache:6379/0",
		"PRODUCT_SERVICE_URL=http://product-service:8003",
		"OPTIONAL_SERVICE_URL=", "HOME=/",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(read.databases) != 2 || len(read.dependencies) != 1 {
		t.Fatalf("%+v", read)
	}
	store, cache := read.databases[0], read.databases[1]
	if store.name != "cart_store" || store.cache || store.keyPrefix != "cart:" {
		t.Errorf("%+v", store)
	}
	if cache.name != "view_cache" || !cache.cache || cache.keyPrefix != "" {
		t.Errorf("%+v", cache)
	}
	if read.dependencies[0] != (dependency{"product-service", "http://product-service:8003"}) {
		t.Errorf("%+v", read.dependencies)
	}
	if read.schema != defaultSchema || read.port != "8005" {
		t.Errorf("%+v", read)
	}
}

func TestAWrongEnvironmentIsToldByItsVariable(t *testing.T) {
	cases := []struct{ variable, says string }{
		{"SERVICE=", "SERVICE is not set"},
		{"MIGRATION=maybe", `MIGRATION is "maybe"`},
		{"SCHEMA=four", `SCHEMA is "four"`},
		{"SCHEMA=4", "a number from 1 to 3"},
		{"PAYMENT_TIME=2", `PAYMENT_TIME is "2"`},
		{"CART_STORE_URL=oracle://a:secret@host", "CART_STORE_URL is no URL of"},
		{"CART_STORE_URL=redis://a:secret@host:port", "CART_STORE_URL is no URL of"},
	}
	for _, each := range cases {
		_, err := readSettings([]string{"SERVICE=cart-service", each.variable})
		if err == nil || !strings.Contains(err.Error(), each.says) {
			t.Errorf("%s: %v", each.variable, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("a password is told: %v", err)
		}
	}
}
