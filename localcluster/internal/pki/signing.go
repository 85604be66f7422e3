package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// EnsureSigningKey keeps the key that signs service account tokens: name.key, and name.pub to verify them by.
// The key never expires: tokens in the cluster stay valid over restarts.
func EnsureSigningKey(dir, name string) error {
	path := filepath.Join(dir, name+".key")
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return fmt.Errorf("make the signing key: %w", err)
		}
		return writeSigningKey(dir, name, key)
	case err != nil:
		return fmt.Errorf("read the signing key: %w", err)
	}
	key, err := decodeKey(data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return writeSigningKey(dir, name, key)
}

func writeSigningKey(dir, name string, key *ecdsa.PrivateKey) error {
	private, err := encodeKey(key)
	if err != nil {
		return fmt.Errorf("encode the signing key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return fmt.Errorf("encode the signing key: %w", err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: publicKeyBlock, Bytes: der})
	if err := writeFile(filepath.Join(dir, name+".pub"), public, 0o644); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, name+".key"), private, 0o600)
}
