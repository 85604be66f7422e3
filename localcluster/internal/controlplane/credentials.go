package controlplane

import (
	"fmt"
	"os"
	"time"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/kubeconfig"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/pki"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/ports"
)

// serviceIP is the first address of serviceCIDR: the service kubernetes.
const serviceIP = "10.96.0.1"

// frontProxy is who kube-apiserver is to aggregated API servers.
const frontProxy = "front-proxy-client"

// auditPolicy keeps one line for each request, none for its arrival.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
`

// WriteCredentials makes or renews every certificate and writes every kubeconfig for the ports of the plan. It reports
// whether the authority was replaced, which makes kubeconfigs minted before worthless.
func (p Plan) WriteCredentials(now time.Time) (replaced bool, err error) {
	authority, replaced, err := pki.OpenAuthority(p.Dir.PKI(), now)
	if err != nil {
		return false, err
	}
	for name, request := range kept() {
		if _, err := authority.Ensure(name, request); err != nil {
			return false, err
		}
	}
	if err := pki.EnsureSigningKey(p.Dir.PKI(), "service-accounts"); err != nil {
		return false, err
	}
	for path, request := range p.users() {
		if err := p.writeKubeconfig(authority, path, request); err != nil {
			return false, err
		}
	}
	if err := os.WriteFile(p.Dir.AuditPolicy(), []byte(auditPolicy), 0o600); err != nil {
		return false, fmt.Errorf("write the audit policy: %w", err)
	}
	return replaced, nil
}

// kept are the certificates that components read from files.
func kept() map[string]pki.Request {
	local := []string{"localhost", ports.Host}
	return map[string]pki.Request{
		Etcd:          {User: Etcd, Hosts: local, AlsoClient: true},
		"etcd-client": {User: "etcd-client"},
		frontProxy:    {User: frontProxy},
		APIServer: {User: APIServer, Hosts: append(local, serviceIP, "kubernetes", "kubernetes.default",
			"kubernetes.default.svc", "kubernetes.default.svc.cluster.local")},
		Scheduler:         {User: Scheduler, Hosts: local},
		ControllerManager: {User: ControllerManager, Hosts: local},
	}
}

// users are the clients of the API server by the path of their kubeconfig.
func (p Plan) users() map[string]pki.Request {
	masters := []string{"system:masters"}
	return map[string]pki.Request{
		p.Dir.Kubeconfig():                           {User: "admin", Groups: masters},
		p.Dir.ComponentKubeconfig(Scheduler):         {User: "system:kube-scheduler"},
		p.Dir.ComponentKubeconfig(ControllerManager): {User: "system:kube-controller-manager"},
		// One process plays every kubelet and writes the status of any pod, which no role made for one node allows.
		p.Dir.ComponentKubeconfig(Kwok): {User: "system:kwok", Groups: masters},
	}
}

func (p Plan) writeKubeconfig(authority *pki.Authority, path string, request pki.Request) error {
	pair, err := authority.Issue(request)
	if err != nil {
		return err
	}
	data, err := kubeconfig.Encode(ports.URL(p.Ports.APIServer()), request.User, authority.CertPEM(), pair)
	if err != nil {
		return err
	}
	return kubeconfig.WriteFile(path, data)
}
