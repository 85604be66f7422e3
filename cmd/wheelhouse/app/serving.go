package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/serving"
	"github.com/6ead2ce0/wheelhouse/status/pages"
)

// servingOptions say where the process answers.
type servingOptions struct {
	// StatusPort is the port on the loopback address for the status page, metrics and health. Default: 10281; 0 means that it does not serve.
	StatusPort int
	// Profiling shows profiles of the process on the secure port. Default: false.
	Profiling bool
	Secure    serving.Options
}

func defaultServingOptions() servingOptions {
	return servingOptions{StatusPort: 10281, Secure: serving.DefaultOptions()}
}

func (o *servingOptions) addFlags(flags *pflag.FlagSet) {
	flags.IntVar(&o.StatusPort, "status-port", o.StatusPort, "Port on 127.0.0.1 for the status page, /metrics, /healthz, /readyz and /livez. 0 turns it off.")
	flags.BoolVar(&o.Profiling, "profiling", o.Profiling, "Show profiles of the process at /debug/pprof on --secure-port.")
	o.Secure.AddFlags(flags)
}

func (o servingOptions) validate() error {
	if o.StatusPort < 0 || o.StatusPort > 65535 {
		return fmt.Errorf("--status-port: must be from 0 to 65535, not %d", o.StatusPort)
	}
	return o.Secure.Validate()
}

// newServer makes the server of the secure port, or nil without one.
func (o *options) newServer(p *process, connect clients) (*serving.Server, error) {
	secure := o.Serving.Secure
	if secure.Port == 0 {
		return nil, nil
	}
	authentication, err := o.reviewClient(p, connect, "authentication-kubeconfig", secure.AuthenticationKubeconfig)
	if err != nil {
		return nil, err
	}
	authorization, err := o.reviewClient(p, connect, "authorization-kubeconfig", secure.AuthorizationKubeconfig)
	if err != nil {
		return nil, err
	}
	server, err := serving.New(serving.Config{
		Options: secure, Authentication: authentication, Authorization: authorization, Log: p.log.Named("serving"),
	})
	if err != nil {
		return nil, &usageError{err}
	}
	return server, nil
}

// reviewQPS and reviewBurst bound what we ask the API server about those who ask us. What strangers cause has narrower bounds.
const (
	reviewQPS   = 50
	reviewBurst = 100
)

// reviewClient makes the client for questions about those who ask us: of the API server that the kubeconfig names, or else of ours.
func (o *options) reviewClient(p *process, connect clients, flag, kubeconfig string) (kubernetes.Interface, error) {
	if kubeconfig != "" {
		other := o.Client
		other.Kubeconfig, other.Master = kubeconfig, ""
		base, err := other.restConfigOf(flag)
		if err != nil {
			return nil, err
		}
		connect.base = base
		p.certificates = append(p.certificates, base.TLSClientConfig)
	}
	config := connect.config("serving")
	config.QPS, config.Burst = reviewQPS, reviewBurst
	return connect.client(config, usualPatience(), nil)
}

// ports are where the process answers.
type ports struct {
	open []*serving.Listener
}

// listen takes the ports. If one can't be served on later, it calls failed.
func (p *process) listen(ctx context.Context, o servingOptions, failed func()) (*ports, error) {
	var all ports
	started := time.Now()
	if o.StatusPort != 0 {
		handler, err := p.statusHandler(started)
		if err != nil {
			return nil, err
		}
		plain := serving.Endpoint{
			Flag: "status-port", Address: "127.0.0.1", Port: o.StatusPort, Handler: handler, Log: p.log.Named("status"),
		}
		if err := all.add(plain.Listen(ctx, failed)); err != nil {
			return nil, err
		}
	}
	if p.server != nil {
		if err := all.add(p.server.Listen(ctx, p.secureHandler(started, o.Profiling), failed)); err != nil {
			return nil, errors.Join(err, all.stop())
		}
	}
	return &all, nil
}

func (p *ports) add(listener *serving.Listener, err error) error {
	if err == nil {
		p.open = append(p.open, listener)
	}
	return err
}

func (p *ports) stop() error {
	var errs []error
	for _, listener := range p.open {
		errs = append(errs, listener.Stop())
	}
	return errors.Join(errs...)
}

// addresses returns where it answers, for the log.
func (p *ports) addresses() zap.Field {
	urls := make([]string, 0, len(p.open))
	for _, listener := range p.open {
		urls = append(urls, listener.URL())
	}
	return zap.Strings("addresses", urls)
}

// statusHandler answers on the status port, which only those reach who are on the machine or whom the API server allows to forward a
// port: whoever they are, they may see, and change nothing. What no other path is for, the page answers.
func (p *process) statusHandler(started time.Time) (http.Handler, error) {
	page, err := p.statusPage(started)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", page)
	p.handleHealth(mux, func(*http.Request) bool { return true })
	return pages.LocalOnly(mux), nil
}

// secureHandler answers on the secure port those who may ask.
func (p *process) secureHandler(started time.Time, profiling bool) http.Handler {
	mux := http.NewServeMux()
	p.handleHealth(mux, func(r *http.Request) bool { return serving.MayGet(r, statusPath) })
	p.handlePages(mux, started)
	p.handleLevels(mux)
	if profiling {
		handleProfiles(mux)
	}
	return mux
}
