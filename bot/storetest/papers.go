package storetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// certified are a server's certificate and its key, and the authority that gave it, as PEM.
type certified struct{ authority, certificate, key []byte }

// issued is made once: a process reads the authorities that it trusts once only, when it first meets a certificate.
var issued = sync.OnceValue(func() certified {
	from, until := time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	rootKey, key := newKey(), newKey()
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tests"}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	server := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "redis"}, NotBefore: from, NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	written := func(kind string, der []byte, err error) []byte {
		must(err)
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	}
	first, err1 := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	second, err2 := x509.CreateCertificate(rand.Reader, server, root, key.Public(), rootKey)
	secret, err3 := x509.MarshalPKCS8PrivateKey(key)
	return certified{written("CERTIFICATE", first, err1), written("CERTIFICATE", second, err2), written("PRIVATE KEY", secret, err3)}
})

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	return key
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// papers are the settings, one a line, of a server or a sentinel that shows the certificate and asks clients for none. This process
// trusts it from now on.
func papers(t testing.TB) string {
	t.Helper()
	dir, c := t.TempDir(), issued()
	for name, data := range map[string][]byte{"authority.pem": c.authority, "server.pem": c.certificate, "key.pem": c.key} {
		must(os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	must(os.Setenv("SSL_CERT_FILE", filepath.Join(dir, "authority.pem")))
	return fmt.Sprintf("tls-cert-file %[1]s/server.pem\ntls-key-file %[1]s/key.pem\ntls-ca-cert-file %[1]s/authority.pem\ntls-auth-clients no\n", dir)
}
