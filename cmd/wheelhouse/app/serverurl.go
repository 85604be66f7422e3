package app

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"

	"k8s.io/client-go/rest"
)

// serverURL is the URL of an API server. It may hold a name and a password, which it shows nobody.
type serverURL string

// String returns the URL without what is in it to authenticate by.
func (u serverURL) String() string {
	text := string(u)
	end := strings.LastIndex(text, "@")
	if end < 0 {
		return text
	}
	begin := 0
	if i := strings.Index(text, "://"); i >= 0 && i < end {
		begin = i + len("://")
	}
	return text[:begin] + "[withheld]" + text[end:]
}

// Set is for flags.
func (u *serverURL) Set(text string) error {
	*u = serverURL(text)
	return nil
}

// Type is what help calls it.
func (u *serverURL) Type() string { return "string" }

// holdCredentials takes a name and a password from the URL of the API server to where client-go expects them: URLs are logged, they aren't.
func holdCredentials(config *rest.Config) error {
	base, _, err := rest.DefaultServerUrlFor(config)
	switch {
	case err != nil && strings.Contains(config.Host, "@"):
		return errors.New("--master: is no URL of an API server") // the error would repeat it
	case err != nil:
		return fmt.Errorf("--master: %w", err)
	case base.User == nil:
		return nil
	}
	if config.BearerToken == "" && config.BearerTokenFile == "" && config.Username == "" { // which would come first
		config.Username = base.User.Username()
		config.Password, _ = base.User.Password()
	}
	base.User = nil
	config.Host = base.String()
	return nil
}

// cmdline answers with the arguments of the process, in the form of net/http/pprof, without passwords in URLs.
func cmdline(w http.ResponseWriter, _ *http.Request) {
	setHeader(w, "text/plain; charset=utf-8")
	fmt.Fprint(w, strings.Join(withoutPasswords(os.Args), "\x00"))
}

func withoutPasswords(args []string) []string {
	credentials := regexp.MustCompile(`^(--?[\w-]+=)?(\w+://)?\S*:\S*@`)
	shown := make([]string, 0, len(args))
	for _, arg := range args {
		shown = append(shown, credentials.ReplaceAllString(arg, "$1$2[withheld]@"))
	}
	return shown
}
