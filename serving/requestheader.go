package serving

import (
	cryptox509 "crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/request/headerrequest"
	"k8s.io/apiserver/pkg/authentication/request/x509"
)

// RequestHeaderOptions say which proxies are believed that speak for somebody.
type RequestHeaderOptions struct {
	// ClientCAFile holds the authorities of the proxies' certificates; it is read again when it changes. Default: none, which means that
	// authorities, names and headers are those of the cluster.
	ClientCAFile string
	// AllowedNames are the common names in those certificates. Default: none, which means any.
	AllowedNames []string
	// UsernameHeaders, UIDHeaders and GroupHeaders are where a proxy says for whom it speaks. Default: x-remote-user, none, x-remote-group.
	UsernameHeaders, UIDHeaders, GroupHeaders []string
	// ExtraHeaderPrefixes are how the headers begin with what else is known of them. Default: x-remote-extra-.
	ExtraHeaderPrefixes []string
}

func defaultRequestHeaderOptions() RequestHeaderOptions {
	return RequestHeaderOptions{
		UsernameHeaders: []string{"x-remote-user"}, GroupHeaders: []string{"x-remote-group"}, ExtraHeaderPrefixes: []string{"x-remote-extra-"},
	}
}

func (o *RequestHeaderOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.ClientCAFile, "requestheader-client-ca-file", o.ClientCAFile, "File of the authorities whose client certificates may say in headers for whom they speak. Read again when it changes. Without it, authorities, names and headers are the cluster's.")
	flags.StringSliceVar(&o.AllowedNames, "requestheader-allowed-names", o.AllowedNames, "Common names that a certificate of --requestheader-client-ca-file may have. Without it, any.")
	flags.StringSliceVar(&o.UsernameHeaders, "requestheader-username-headers", o.UsernameHeaders, "Headers that name the user. Needs --requestheader-client-ca-file.")
	flags.StringSliceVar(&o.UIDHeaders, "requestheader-uid-headers", o.UIDHeaders, "Headers with the UID of the user. Needs --requestheader-client-ca-file.")
	flags.StringSliceVar(&o.GroupHeaders, "requestheader-group-headers", o.GroupHeaders, "Headers that name the groups of the user. Needs --requestheader-client-ca-file.")
	flags.StringSliceVar(&o.ExtraHeaderPrefixes, "requestheader-extra-headers-prefix", o.ExtraHeaderPrefixes, "How headers begin that tell more of the user. Needs --requestheader-client-ca-file.")
}

func (o RequestHeaderOptions) validate() error {
	for flag, list := range map[string][]string{
		"allowed-names": o.AllowedNames, "username-headers": o.UsernameHeaders, "uid-headers": o.UIDHeaders,
		"group-headers": o.GroupHeaders, "extra-headers-prefix": o.ExtraHeaderPrefixes,
	} {
		if slices.ContainsFunc(list, func(text string) bool { return strings.TrimSpace(text) == "" }) {
			return fmt.Errorf("--requestheader-%s: must not hold an empty one", flag)
		}
	}
	if o.ClientCAFile != "" && len(o.UsernameHeaders) == 0 {
		return errors.New("--requestheader-username-headers: must be given with --requestheader-client-ca-file")
	}
	return nil
}

// believe believes what is said in headers by clients with a certificate of the authorities and one of the names.
func (o RequestHeaderOptions) believe(authorities x509.VerifyOptionFunc) authenticator.Request {
	list := func(values []string) headerrequest.StringSliceProvider {
		return headerrequest.StaticStringSlice(values)
	}
	return headerrequest.NewDynamicVerifyOptionsSecure(authorities, list(o.AllowedNames), list(o.UsernameHeaders), list(o.UIDHeaders),
		list(o.GroupHeaders), list(o.ExtraHeaderPrefixes))
}

// byHeaders believes those of whom the cluster's ConfigMap says so.
func byHeaders(bundle string, data map[string]string) (authenticator.Request, error) {
	authorities, err := parseAuthorities([][]byte{[]byte(bundle)})
	if err != nil {
		return nil, fmt.Errorf("requestheader-client-ca-file: %w", err)
	}
	var o RequestHeaderOptions
	for key, list := range map[string]*[]string{
		"allowed-names": &o.AllowedNames, "username-headers": &o.UsernameHeaders, "uid-headers": &o.UIDHeaders,
		"group-headers": &o.GroupHeaders, "extra-headers-prefix": &o.ExtraHeaderPrefixes,
	} {
		text := data["requestheader-"+key]
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), list); err != nil {
			return nil, fmt.Errorf("requestheader-%s: %w", key, err)
		}
	}
	return o.believe(func() (cryptox509.VerifyOptions, bool) { return authorities, true }), nil
}
