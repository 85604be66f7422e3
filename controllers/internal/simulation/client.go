package simulation

import (
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	apps "k8s.io/client-go/kubernetes/typed/apps/v1"
	core "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// Kinds of objects that a Client knows.
const (
	Deployments = "deployments"
	ReplicaSets = "replicasets"
	Pods        = "pods"
)

// Client is a clientset that talks to a Server: as much of one as our controllers use. A call that it doesn't know panics, so that
// nobody takes it for granted that the model has an answer.
type Client struct {
	kubernetes.Interface

	Server *Server
	// Fate befalls each write.
	Fate *Fate
	// Sent is told of each write when it is sent, if the server would carry it out then, whatever its fate.
	Sent func(Write)
}

// Write is what a write changes.
type Write struct {
	Kind string
	// Status says that only the status, and the annotations, are changed.
	Status bool
	// Before and After are the object without and with the change. Nil stands for not being there.
	Before, After Object
}

// CoreV1 returns the part of the clientset for pods.
func (c Client) CoreV1() core.CoreV1Interface { return coreClient{Client: c} }

// AppsV1 returns the part of the clientset for Deployments and ReplicaSets.
func (c Client) AppsV1() apps.AppsV1Interface { return appsClient{Client: c} }

type coreClient struct {
	core.CoreV1Interface
	Client
}

func (c coreClient) RESTClient() rest.Interface { return (*rest.RESTClient)(nil) } // which says that it has no limit

func (c coreClient) Pods(namespace string) core.PodInterface {
	return pods{resource: resource{c.Client, Pods, namespace}}
}

type appsClient struct {
	apps.AppsV1Interface
	Client
}

func (c appsClient) RESTClient() rest.Interface { return (*rest.RESTClient)(nil) }

func (c appsClient) Deployments(namespace string) apps.DeploymentInterface {
	return deployments{resource: resource{c.Client, Deployments, namespace}}
}

func (c appsClient) ReplicaSets(namespace string) apps.ReplicaSetInterface {
	return replicaSets{resource: resource{c.Client, ReplicaSets, namespace}}
}

// resource is what clients of all kinds have in common.
type resource struct {
	Client
	kind, namespace string
}

func (r resource) get(name string) (Object, error) {
	return r.Server.Get(r.kind, r.namespace, name)
}

// list returns what the selector selects, or one object at most if the limit is that.
func (r resource) list(options metav1.ListOptions) ([]Object, metav1.ListMeta, error) {
	meta := metav1.ListMeta{ResourceVersion: r.Server.Version()}
	if options.Limit == 1 { // whoever wants no more than one wants the version
		return nil, meta, nil
	}
	selector, err := labels.Parse(options.LabelSelector)
	if err != nil {
		return nil, meta, err
	}
	var found []Object
	for _, object := range r.Server.List(r.kind) {
		if object.GetNamespace() == r.namespace && selector.Matches(labels.Set(object.GetLabels())) {
			found = append(found, object)
		}
	}
	return found, meta, nil
}

// write sends a write. attempt returns the object before and after it, or why the server refuses it; it is asked once more if the
// write comes late.
func (r resource) write(name string, status bool, attempt func() (before, after Object, err error)) (result Object, err error) {
	version := r.Server.version
	before, after, refusal := attempt()
	if refusal == nil && r.Sent != nil {
		r.Sent(Write{r.kind, status, before, after})
	}
	err = r.Fate.Write(r.kind, name, func() error {
		if r.Server.version != version {
			before, after, refusal = attempt()
		}
		if refusal != nil {
			return refusal
		}
		result, err = r.carryOut(before, after)
		return err
	})
	return result, err
}

// carryOut makes the object what it is to be. If that is what it is, nothing happens, and its version stays.
func (r resource) carryOut(before, after Object) (Object, error) {
	switch {
	case before == nil:
		return r.Server.Create(r.kind, after)
	case after == nil:
		return nil, r.Server.Remove(r.kind, before.GetNamespace(), before.GetName())
	case equality.Semantic.DeepEqual(before, after):
		return before, nil
	}
	return r.Server.Put(r.kind, after)
}
