package serving

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"

	"go.uber.org/zap"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/client-go/kubernetes"
)

// Config is what a Server is made of. All of it must be set.
type Config struct {
	Options Options
	// Authentication is asked whose a token is, and for the cluster's authorities.
	Authentication kubernetes.Interface
	// Authorization is asked who may do what.
	Authorization kubernetes.Interface
	Log           *zap.Logger
}

// Server answers over TLS those who may ask.
type Server struct {
	config    Config
	tls       *tls.Config
	pair      *reread[*tls.Certificate]   // nil for a certificate of its own
	clientCAs *reread[x509.VerifyOptions] // nil without a file
	proxyCAs  *reread[x509.VerifyOptions] // nil without a file
	lookup    *lookup                     // nil without a lookup
}

// New reads the files. It starts nothing and asks nothing.
func New(config Config) (*Server, error) {
	s := &Server{config: config}
	config.Options.warnOfIgnored(config.Log)
	var err error
	if s.tls, s.pair, err = tlsConfig(config.Options, config.Log); err != nil {
		return nil, err
	}
	if file := config.Options.ClientCAFile; file != "" {
		if s.clientCAs, err = newReread(config.Log, parseAuthorities, file); err != nil {
			return nil, fmt.Errorf("--client-ca-file: %w", err)
		}
	}
	if file := config.Options.RequestHeader.ClientCAFile; file != "" {
		if s.proxyCAs, err = newReread(config.Log, parseAuthorities, file); err != nil {
			return nil, fmt.Errorf("--requestheader-client-ca-file: %w", err)
		}
	}
	if !config.Options.SkipLookup {
		s.lookup = &lookup{configMaps: config.Authentication.CoreV1(), clients: s.clientCAs == nil, proxies: s.proxyCAs == nil, log: config.Log}
	}
	return s, nil
}

// Listen answers with the handler until the listener's Stop is called, and until ctx ends looks up the cluster's authorities and reads files
// again. If it can't go on before, it calls failed.
func (s *Server) Listen(ctx context.Context, handler http.Handler, failed func()) (*Listener, error) {
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	o := s.config.Options
	return Endpoint{
		Flag: "secure-port", Address: o.BindAddress, Port: o.Port, TLS: s.tls,
		Handler: s.guarded(handler), Log: s.config.Log,
	}.Listen(ctx, failed)
}

func (s *Server) guarded(handler http.Handler) http.Handler {
	o := s.config.Options
	may := newAccess(s.config.Authorization.AuthorizationV1().SubjectAccessReviews(), o.AllowedTTL, o.DeniedTTL)
	return newGuard(o.AlwaysAllowPaths, anyOf(s.ways()...), may, seldom(s.config.Log), handler)
}

// ways to tell who asks: those that need no question first.
func (s *Server) ways() []authenticator.Request {
	var list []authenticator.Request
	if s.proxyCAs != nil {
		list = append(list, s.config.Options.RequestHeader.believe(func() (x509.VerifyOptions, bool) { return s.proxyCAs.get(), true }))
	}
	if s.lookup != nil {
		list = append(list, s.lookup)
	}
	if s.clientCAs != nil {
		list = append(list, byCertificate(func() (x509.VerifyOptions, bool) { return s.clientCAs.get(), true }))
	}
	return append(list, byToken(s.config.Authentication.AuthenticationV1().TokenReviews(), s.config.Options.TokenTTL, seldom(s.config.Log)))
}

// start begins to read the files again, and to look up the cluster's authorities.
func (s *Server) start(ctx context.Context) error {
	go s.pair.run(ctx)
	go s.clientCAs.run(ctx)
	go s.proxyCAs.run(ctx)
	if s.lookup == nil {
		return nil
	}
	if !s.config.Options.TolerateLookupFailure {
		if err := s.lookup.read(ctx); err != nil {
			return fmt.Errorf("--authentication-tolerate-lookup-failure: %w", err)
		}
	}
	go s.lookup.run(ctx)
	return nil
}
