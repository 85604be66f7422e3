// Package fakenodes makes the Node objects of a cluster and tells whether pods can run on them.
package fakenodes

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/version"
)

// Ensure makes the nodes node-0 to node-(n-1) that don't exist yet. Nodes beyond n, of an earlier run, stay.
func Ensure(ctx context.Context, client kubernetes.Interface, n int) error {
	for i := range n {
		_, err := client.CoreV1().Nodes().Create(ctx, node(name(i)), metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("create node %s: %w", name(i), err)
		}
	}
	return nil
}

func name(i int) string { return fmt.Sprintf("node-%d", i) }

// node is a Node with more room than any test fills.
func node(name string) *corev1.Node {
	room := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("100k"),
		corev1.ResourceMemory:           resource.MustParse("1Pi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("1Pi"),
		corev1.ResourcePods:             resource.MustParse("100k"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				corev1.LabelHostname:   name,
				corev1.LabelOSStable:   "linux",
				corev1.LabelArchStable: "amd64",
			},
		},
		Status: corev1.NodeStatus{
			Capacity:    room,
			Allocatable: room,
			Addresses:   []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: name}},
			NodeInfo:    corev1.NodeSystemInfo{KubeletVersion: version.Get().GitVersion + "-kwok"},
		},
	}
}

// Ready returns nil when pods can run on the first n nodes: each is ready and untainted, and its lease was renewed since.
// Or it returns what is missing.
func Ready(ctx context.Context, client kubernetes.Interface, n int, since time.Time) error {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	leases, err := client.CoordinationV1().Leases(corev1.NamespaceNodeLease).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	missing := map[string]error{}
	for i := range n {
		missing[name(i)] = fmt.Errorf("%s is missing or its lease is not renewed", name(i))
	}
	for _, lease := range leases.Items {
		if renewed(&lease, since) {
			delete(missing, lease.Name)
		}
	}
	for _, node := range nodes.Items {
		if err := usable(&node); err != nil {
			missing[node.Name] = err
		}
	}
	for i := range n {
		if err := missing[name(i)]; err != nil {
			return err
		}
	}
	return nil
}

func usable(node *corev1.Node) error {
	for _, taint := range node.Spec.Taints {
		switch taint.Key {
		case corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable:
			return fmt.Errorf("%s has the taint %s", node.Name, taint.Key)
		}
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
			return nil
		}
	}
	return fmt.Errorf("%s is not ready", node.Name)
}

func renewed(lease *coordinationv1.Lease, since time.Time) bool {
	return lease.Spec.RenewTime != nil && lease.Spec.RenewTime.After(since)
}
