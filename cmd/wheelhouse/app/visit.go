package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// visitOptions say how to reach the secure port of a running process, and as whom.
type visitOptions struct {
	// Address is the URL of the port. Default: https://127.0.0.1:10280.
	Address string
	// Kubeconfig says as whom: its token, certificate or plugin is used, and nothing else of it. Default: kubectl's.
	Kubeconfig string
	// Token takes the place of what the kubeconfig says. Default: none.
	Token string
	// CAFile holds the authorities of the port's certificate. Default: those of the machine.
	CAFile string
	// Insecure shows the token to whoever answers. Default: false.
	Insecure bool
}

func defaultVisitOptions() *visitOptions {
	return &visitOptions{Address: "https://127.0.0.1:10280"}
}

func (o *visitOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Address, "address", o.Address, "URL of the process' --secure-port.")
	flags.StringVar(&o.Kubeconfig, "kubeconfig", o.Kubeconfig, "Path of a kubeconfig file whose user asks. Without it, kubectl's is used.")
	flags.StringVar(&o.Token, "token", o.Token, "Bearer token, in place of what the kubeconfig has.")
	flags.StringVar(&o.CAFile, "certificate-authority", o.CAFile, "File of the authorities of the port's certificate.")
	flags.BoolVar(&o.Insecure, "insecure-skip-tls-verify", o.Insecure, "Don't verify the port's certificate: whoever answers sees the token.")
}

// config returns a config for the port, with who we are.
func (o *visitOptions) config() (*rest.Config, error) {
	address, err := url.Parse(o.Address)
	if err != nil || address.Scheme != "https" || address.Host == "" {
		return nil, &usageError{fmt.Errorf("--address: must be https://HOST:PORT, not %q", o.Address)}
	}
	me := &rest.Config{BearerToken: o.Token}
	if o.Token == "" {
		rules := clientcmd.NewDefaultClientConfigLoadingRules()
		rules.ExplicitPath = o.Kubeconfig
		me, err = clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
		if err != nil {
			return nil, &usageError{fmt.Errorf("--kubeconfig: %w", err)}
		}
	}
	config := rest.CopyConfig(me)
	config.Proxy, config.Impersonate = nil, rest.ImpersonationConfig{}
	config.Host, config.APIPath = "https://"+address.Host, ""
	config.CAData, config.CAFile, config.ServerName, config.Insecure = nil, o.CAFile, "", o.Insecure
	return config, nil
}

const (
	// visitTimeout bounds how long a process may take to answer.
	visitTimeout = 15 * time.Second
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 16 << 20
)

// visit sends the body to the path and returns the answer, or what is wrong with it as an error.
func (o *visitOptions) visit(ctx context.Context, method, path, body string) ([]byte, error) {
	config, err := o.config()
	if err != nil {
		return nil, err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", o.Address, err)
	}
	ctx, cancel := context.WithTimeout(ctx, visitTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, config.Host+path, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", o.Address, err)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", o.Address, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(answer)))
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", o.Address, err)
	}
	return answer, nil
}
