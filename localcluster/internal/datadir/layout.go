package datadir

import "path/filepath"

// Root returns the absolute path of the folder.
func (d *Dir) Root() string { return d.root }

// Kubeconfig is the administrator's, the one the ready line names.
func (d *Dir) Kubeconfig() string { return filepath.Join(d.root, "kubeconfig") }

// Kubeconfigs holds one file for each component that talks to the API server.
func (d *Dir) Kubeconfigs() string { return filepath.Join(d.root, "kubeconfigs") }

// ComponentKubeconfig is the kubeconfig of one component.
func (d *Dir) ComponentKubeconfig(name string) string {
	return filepath.Join(d.Kubeconfigs(), name+".kubeconfig")
}

// PKI holds the authority, the certificates of servers, and the key that signs service account tokens.
func (d *Dir) PKI() string { return filepath.Join(d.root, "pki") }

// Etcd holds the data of the cluster.
func (d *Dir) Etcd() string { return filepath.Join(d.root, "etcd") }

// Logs holds NAME.log of each component.
func (d *Dir) Logs() string { return filepath.Join(d.root, "logs") }

// Run holds NAME.pid of each running component and the port base.
func (d *Dir) Run() string { return filepath.Join(d.root, "run") }

// PortBase remembers the port base, so that --port-base 0 picks the same ports again where it can.
func (d *Dir) PortBase() string { return filepath.Join(d.Run(), "port-base") }

// AuditLog is where --audit writes.
func (d *Dir) AuditLog() string { return filepath.Join(d.root, "audit.log") }

// AuditPolicy is the policy file handed to kube-apiserver.
func (d *Dir) AuditPolicy() string { return filepath.Join(d.root, "audit-policy.yaml") }
