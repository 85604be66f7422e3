package apifault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/apifault"
)

func TestIsAmbiguous(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	for _, tc := range []struct {
		name string
		err  error
		want bool
	}{
		{"none", nil, false},
		{"connection reset", fmt.Errorf("post: %w", io.ErrUnexpectedEOF), true},
		{"time-out of the client", context.DeadlineExceeded, true},
		{"time-out of the server", apierrors.NewTimeoutError("slow", 1), true},
		{"internal error", apierrors.NewInternalError(errors.New("etcd")), true},
		{"unavailable", apierrors.NewServiceUnavailable("soon"), true},
		{"forbidden", apierrors.NewForbidden(pods, "a", errors.New("quota")), false},
		{"invalid", apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "a", nil), false},
		{"exists", apierrors.NewAlreadyExists(pods, "a"), false},
		{"too many requests", apierrors.NewTooManyRequests("later", 1), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := apifault.IsAmbiguous(tc.err); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestIsNamespaceTerminating(t *testing.T) {
	err := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "a", errors.New("namespace is being terminated"))
	if apifault.IsNamespaceTerminating(err) {
		t.Error("a forbidden creation counts as one in a terminating namespace")
	}
	err.ErrStatus.Details.Causes = append(err.ErrStatus.Details.Causes, metav1.StatusCause{Type: corev1.NamespaceTerminatingCause})
	if !apifault.IsNamespaceTerminating(err) {
		t.Error("a creation in a terminating namespace isn't recognised")
	}
}

func TestClass(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{`pods "web-x7k2p" is forbidden: exceeded quota: small, requested: pods=1, used: pods=10, limited: pods=10`,
			`pods * is forbidden: exceeded quota: small, requested: * used: * limited: *`},
		{`admission webhook "deny.example.com" denied the request: no`, `admission webhook * denied the request: no`},
		{`unbalanced "quote`, `unbalanced *`},
		{``, ``},
	} {
		if diff := cmp.Diff(tc.want, apifault.Class(errors.New(tc.text))); diff != "" {
			t.Errorf("class of %q (-want +got):\n%s", tc.text, diff)
		}
	}
}

func TestIsFailedTest(t *testing.T) {
	failed := apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", "test failed", 0, false)
	invalid := apierrors.NewInvalid(schema.GroupKind{Group: "apps", Kind: "ReplicaSet"}, "web", nil)
	got := []bool{apifault.IsFailedTest(failed), apifault.IsFailedTest(invalid), apifault.IsFailedTest(io.EOF), apifault.IsFailedTest(nil)}
	if diff := cmp.Diff([]bool{true, false, false, false}, got); diff != "" {
		t.Errorf("a failed test, an invalid object, a lost connection, and none (-want +got):\n%s", diff)
	}
}
