package controlplane

import (
	"path/filepath"
	"slices"
	"strconv"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/ports"
)

const (
	serviceCIDR = "10.96.0.0/16"
	// unlimited is the rate and burst of clients whose own limit must not be what a test of many pods measures.
	unlimited = "5000"
)

// EtcdArgs returns the command line of etcd. Only holders of a certificate of the cluster's authority may talk to it.
func (p Plan) EtcdArgs() []string {
	client, peer := ports.URL(p.Ports.EtcdClient()), ports.URL(p.Ports.EtcdPeer())
	args := []string{
		"--name=local",
		"--data-dir=" + p.Dir.Etcd(),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=local=" + peer,
		"--trusted-ca-file=" + p.pki("ca.crt"),
		"--cert-file=" + p.pki("etcd.crt"),
		"--key-file=" + p.pki("etcd.key"),
		"--client-cert-auth=true",
		"--peer-trusted-ca-file=" + p.pki("ca.crt"),
		"--peer-cert-file=" + p.pki("etcd.crt"),
		"--peer-key-file=" + p.pki("etcd.key"),
		"--peer-client-cert-auth=true",
		"--log-level=warn",
		"--log-format=console",
		// Room for tests of a hundred thousand objects that are rewritten often; the default is 2 GiB.
		"--quota-backend-bytes=" + strconv.Itoa(8<<30),
	}
	if !p.Options.Fsync {
		args = append(args, "--unsafe-no-fsync=true")
	}
	return args
}

// APIServerArgs returns the command line of kube-apiserver.
func (p Plan) APIServerArgs() []string {
	args := slices.Concat(p.serving(APIServer, p.Ports.APIServer()), []string{
		"--advertise-address=" + ports.Host,
		// A loopback address can't be an endpoint of the service kubernetes; nothing in the cluster could use it anyway.
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=" + serviceCIDR,
		"--etcd-servers=" + ports.URL(p.Ports.EtcdClient()),
		"--etcd-cafile=" + p.pki("ca.crt"),
		"--etcd-certfile=" + p.pki("etcd-client.crt"),
		"--etcd-keyfile=" + p.pki("etcd-client.key"),
		"--client-ca-file=" + p.pki("ca.crt"),
		// The way in for aggregated API servers, and what the other components read to authenticate callers of theirs.
		"--requestheader-client-ca-file=" + p.pki("ca.crt"),
		"--requestheader-allowed-names=" + frontProxy,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + p.pki(frontProxy+".crt"),
		"--proxy-client-key-file=" + p.pki(frontProxy+".key"),
		"--authorization-mode=Node,RBAC",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + p.pki("service-accounts.pub"),
		"--service-account-signing-key-file=" + p.pki("service-accounts.key"),
		"--allow-privileged=true",
		// No kubelet listens. Its loopback address refuses kubectl logs and exec at once; its name would be looked up first.
		"--kubelet-preferred-address-types=InternalIP",
		// Priority and fairness stays on, over seats enough for benchmarks.
		"--max-requests-inflight=2000",
		"--max-mutating-requests-inflight=1000",
		"--http2-max-streams-per-connection=1000",
		"--shutdown-watch-termination-grace-period=0s",
	})
	if !p.Options.Runs("node-lifecycle-controller") {
		// This plugin taints new nodes, and nobody would take the taints off.
		args = append(args, "--disable-admission-plugins=TaintNodesByCondition")
	}
	if p.Options.Audit {
		args = append(args,
			"--audit-policy-file="+p.Dir.AuditPolicy(),
			"--audit-log-path="+p.Dir.AuditLog(),
			// A request is answered after its line is written: the log is complete.
			"--audit-log-mode=blocking",
		)
	}
	return append(args, p.Options.APIServerArgs...)
}

// SchedulerArgs returns the command line of kube-scheduler.
func (p Plan) SchedulerArgs() []string {
	args := slices.Concat(p.serving(Scheduler, p.Ports.Scheduler()), p.client(Scheduler))
	return append(args, p.Options.SchedulerArgs...)
}

// ControllerManagerArgs returns the command line of kube-controller-manager.
func (p Plan) ControllerManagerArgs() []string {
	args := slices.Concat(p.serving(ControllerManager, p.Ports.ControllerManager()), p.client(ControllerManager), []string{
		"--controllers=" + p.Options.Controllers,
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + p.pki("service-accounts.key"),
		"--root-ca-file=" + p.pki("ca.crt"),
		"--cluster-signing-cert-file=" + p.pki("ca.crt"),
		"--cluster-signing-key-file=" + p.pki("ca.key"),
		"--service-cluster-ip-range=" + serviceCIDR,
	})
	return append(args, p.Options.ControllerManagerArgs...)
}

// KwokArgs returns the command line of the fake nodes.
func (p Plan) KwokArgs() []string {
	return []string{"--kubeconfig=" + p.Dir.ComponentKubeconfig(Kwok)}
}

// serving are the flags of a component's own listener.
func (p Plan) serving(name string, port int) []string {
	return []string{
		"--bind-address=" + ports.Host,
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + p.pki(name+".crt"),
		"--tls-private-key-file=" + p.pki(name+".key"),
	}
}

// client are the flags by which the scheduler and the controller manager reach the API server. They run once, so that an
// election would only delay them.
func (p Plan) client(name string) []string {
	kubeconfig := p.Dir.ComponentKubeconfig(name)
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--leader-elect=false",
		"--kube-api-qps=" + unlimited,
		"--kube-api-burst=" + unlimited,
	}
}

func (p Plan) pki(file string) string { return filepath.Join(p.Dir.PKI(), file) }
