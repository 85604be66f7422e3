package serving

import (
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
)

// ignoredFlag is a flag of kube-controller-manager that would have nothing to do here. It is taken, so that a manifest need not change.
type ignoredFlag struct {
	name, kind string
	already    string // the value that asks for nothing else than what is done
	reason     string
}

func ignoredFlags() []ignoredFlag {
	return []ignoredFlag{
		{"cert-dir", "string", "", "a certificate that the process signs stays in memory"},
		{"disable-http2-serving", "bool", "true", "only HTTP/1.1 is spoken"},
		{"http2-max-streams-per-connection", "int", "0", "only HTTP/1.1 is spoken"},
		{"permit-address-sharing", "bool", "true", "addresses are shared always"},
		{"permit-port-sharing", "bool", "false", "a port is for one process"},
	}
}

// ignoredValue is what an ignored flag was set to.
type ignoredValue struct {
	kind, text string
}

func (v *ignoredValue) String() string { return v.text }
func (v *ignoredValue) Type() string   { return v.kind }

// Set takes what the kind of the flag allows, as a mistake is one also where nothing depends on it.
func (v *ignoredValue) Set(text string) (err error) {
	switch v.kind {
	case "bool":
		_, err = strconv.ParseBool(text)
	case "int":
		_, err = strconv.Atoi(text)
	}
	v.text = text
	return err
}

// addIgnoredFlags adds the flags that do nothing.
func (o *Options) addIgnoredFlags(flags *pflag.FlagSet) {
	o.ignored = map[string]*ignoredValue{}
	for _, f := range ignoredFlags() {
		value := &ignoredValue{kind: f.kind}
		o.ignored[f.name] = value
		flag := flags.VarPF(value, f.name, "", fmt.Sprintf("Has no effect: %s.", f.reason))
		if f.kind == "bool" {
			flag.NoOptDefVal = "true"
		}
	}
}

// warnOfIgnored says which flags ask for something that isn't done.
func (o Options) warnOfIgnored(log *zap.Logger) {
	for _, f := range ignoredFlags() {
		if value := o.ignored[f.name]; value != nil && value.text != "" && value.text != f.already {
			log.Warn("a flag has no effect", zap.String("flag", "--"+f.name), zap.String("reason", f.reason))
		}
	}
}
