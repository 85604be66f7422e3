// Package apifault says what an error of the API server means for the request that met it.
package apifault

import (
	"context"
	"errors"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// IsAmbiguous reports whether the request may have been carried out although it ended in the error: the reply was lost, or the
// server failed on the way. Only a reply in which the server refuses is unambiguous.
func IsAmbiguous(err error) bool {
	if err == nil {
		return false
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return true
	}
	code := status.Status().Code
	return code >= 500 || code < 400
}

// IsNamespaceTerminating reports whether a creation was refused because its namespace is being deleted, which is final.
func IsNamespaceTerminating(err error) bool {
	return apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}

// IsFailedTest reports whether a JSON patch was refused because the object is not the one that it tests for, or not as it was. An
// object that would not be valid is refused with the same code, but then the reply names its kind.
func IsFailedTest(err error) bool {
	var status apierrors.APIStatus
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details == nil || details.Kind == ""
}

// IsEnd reports whether the error comes from the end of the caller's context and says nothing of the server.
func IsEnd(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() != nil
}

// maxClass bounds the text that a class keeps of an error.
const maxClass = 200

// Class returns what the error has in common with those that other objects meet for the same reason: the beginning of its text
// without quoted names and without words that contain digits.
func Class(err error) string {
	text := err.Error()
	class := make([]byte, 0, maxClass)
	for len(text) > 0 && len(class) < maxClass {
		n := wordLen(text)
		if word := text[:n]; isVarying(word) {
			class = append(class, '*')
		} else {
			class = append(class, word...)
		}
		text = text[n:]
	}
	return string(class)
}

// wordLen returns the length of the quoted text, the space or the word that the text begins with.
func wordLen(text string) int {
	if text[0] == '"' {
		if end := strings.IndexByte(text[1:], '"'); end >= 0 {
			return end + 2
		}
	}
	if end := strings.IndexAny(text[1:], ` "`); end >= 0 && text[0] != ' ' {
		return end + 1
	} else if text[0] != ' ' {
		return len(text)
	}
	return 1
}

func isVarying(word string) bool {
	return word[0] == '"' || strings.ContainsAny(word, "0123456789")
}
