package main

import (
	"testing"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

func TestControllersCanLiveInOneProcess(t *testing.T) {
	if err := controllers.Validate(all()); err != nil {
		t.Error(err)
	}
}
