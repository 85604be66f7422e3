package together

import (
	"context"
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	apps "k8s.io/client-go/kubernetes/typed/apps/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// mistakenClient is the client of a process that makes a mistake, or none.
type mistakenClient struct {
	simulation.Client
	p *process
}

func (c mistakenClient) AppsV1() apps.AppsV1Interface {
	return mistakenApps{c.Client.AppsV1(), c.p}
}

type mistakenApps struct {
	apps.AppsV1Interface
	p *process
}

func (c mistakenApps) Deployments(namespace string) apps.DeploymentInterface {
	return mistakenDeployments{c.AppsV1Interface.Deployments(namespace), c.p}
}

func (c mistakenApps) ReplicaSets(namespace string) apps.ReplicaSetInterface {
	return mistakenSets{c.AppsV1Interface.ReplicaSets(namespace), c.p}
}

type mistakenDeployments struct {
	apps.DeploymentInterface
	p *process
}

func (c mistakenDeployments) Get(ctx context.Context, name string, options metav1.GetOptions) (*appsv1.Deployment, error) {
	if held, exists, _ := c.p.deployments.Store.GetByKey(namespace + "/" + name); c.p.mistake.stale && exists {
		return held.(*appsv1.Deployment), nil
	}
	return c.DeploymentInterface.Get(ctx, name, options)
}

func (c mistakenDeployments) List(ctx context.Context, options metav1.ListOptions) (*appsv1.DeploymentList, error) {
	list, err := c.DeploymentInterface.List(ctx, options)
	list.ResourceVersion = c.p.mistake.version(list.ResourceVersion)
	return list, err
}

func (c mistakenDeployments) Patch(ctx context.Context, name string, kind types.PatchType, patch []byte, options metav1.PatchOptions, subresources ...string) (*appsv1.Deployment, error) {
	live, err := c.DeploymentInterface.Get(ctx, name, metav1.GetOptions{})
	if err == nil {
		patch = c.p.mistake.rewrite(c.p, live, kind, patch)
	}
	d, err := c.DeploymentInterface.Patch(ctx, name, kind, patch, options, subresources...)
	return d, c.p.mistake.answer(err)
}

type mistakenSets struct {
	apps.ReplicaSetInterface
	p *process
}

func (c mistakenSets) List(ctx context.Context, options metav1.ListOptions) (*appsv1.ReplicaSetList, error) {
	c.p.live = c.p.live || options.Limit == 0 && !c.p.mistake.stale
	list, err := c.ReplicaSetInterface.List(ctx, options)
	list.ResourceVersion = c.p.mistake.version(list.ResourceVersion)
	if c.p.mistake.stale {
		list.Items = nil
		for _, held := range c.p.sets.Store.List() {
			list.Items = append(list.Items, *held.(*appsv1.ReplicaSet))
		}
	}
	return list, err
}

func (c mistakenSets) Create(ctx context.Context, set *appsv1.ReplicaSet, options metav1.CreateOptions) (*appsv1.ReplicaSet, error) {
	if c.p.mistake.create != nil {
		c.p.mistake.create(c.p, set)
	}
	created, err := c.ReplicaSetInterface.Create(ctx, set, options)
	return created, c.p.mistake.answer(err)
}

func (c mistakenSets) Patch(ctx context.Context, name string, kind types.PatchType, patch []byte, options metav1.PatchOptions, subresources ...string) (*appsv1.ReplicaSet, error) {
	live, err := c.Get(ctx, name, metav1.GetOptions{})
	if err == nil {
		patch = c.p.mistake.rewrite(c.p, live, kind, patch)
	}
	set, err := c.ReplicaSetInterface.Patch(ctx, name, kind, patch, options, subresources...)
	return set, c.p.mistake.answer(err)
}

func (c mistakenSets) Delete(ctx context.Context, name string, options metav1.DeleteOptions) error {
	c.p.interfere(name)
	if c.p.mistake.remove != nil {
		c.p.mistake.remove(&options)
	}
	return c.p.mistake.answer(c.ReplicaSetInterface.Delete(ctx, name, options))
}

// version returns what the process takes for the version of a list.
func (m mistake) version(of string) string {
	if m.trusts {
		return "1" // which every cache has reached
	}
	return of
}

func (m mistake) rewrite(p *process, object simulation.Object, kind types.PatchType, patch []byte) []byte {
	if m.patch == nil || kind != types.JSONPatchType {
		return patch
	}
	var operations []operation
	if err := json.Unmarshal(patch, &operations); err != nil {
		panic(err)
	}
	rewritten, err := json.Marshal(m.patch(p, object, operations))
	if err != nil {
		panic(err)
	}
	return rewritten
}

func (m mistake) answer(err error) error {
	if m.reply == nil {
		return err
	}
	return m.reply(err)
}
