package main

import (
	"os"
	"testing"
)

func TestThePictureOnThePageForStaffIsTheQuizAsItIs(t *testing.T) {
	code, now, errs := command("", "map", "at-work")
	if code != 0 {
		t.Fatal(code, errs)
	}
	shown, err := os.ReadFile("../../flows/map.svg")
	if err != nil {
		t.Fatal(err)
	}
	if string(shown) != now {
		t.Error("flows/map.svg shows an older quiz; draw it anew: go run ./cmd/patikra map at-work >flows/map.svg")
	}
}
