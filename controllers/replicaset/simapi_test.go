package replicaset

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
)

// simAPI is the API server of a simulation, as one process sees it.
type simAPI struct {
	*world
	client *simProcess
	// ignoreUID makes it forget the precondition of deletes.
	ignoreUID bool
	// hideDeletion makes it leave the deletion out of what patches return.
	hideDeletion bool
}

func (a simAPI) versions(context.Context) (pods, replicaSets string, err error) {
	return a.server.Version(), a.server.Version(), nil
}

func (a simAPI) replicaSet(_ context.Context, namespace, name string) (*appsv1.ReplicaSet, error) {
	object, err := a.server.Get("replicasets", namespace, name)
	if err != nil {
		return nil, err
	}
	return object.(*appsv1.ReplicaSet), nil
}

func (a simAPI) pod(_ context.Context, namespace, name string) (*corev1.Pod, error) {
	object, err := a.server.Get("pods", namespace, name)
	if err != nil {
		return nil, err
	}
	return object.(*corev1.Pod), nil
}

func (a simAPI) pods(_ context.Context, _ string, selector labels.Selector) (*corev1.PodList, error) {
	a.liveReads++
	a.logf("pods read live")
	list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: a.server.Version()}}
	for _, object := range a.server.List("pods") {
		if selector.Matches(labels.Set(object.GetLabels())) {
			list.Items = append(list.Items, *object.(*corev1.Pod))
		}
	}
	return list, nil
}

func (a simAPI) patchStatus(_ context.Context, rs *appsv1.ReplicaSet, status *appsv1.ReplicaSetStatus) (written *appsv1.ReplicaSet, err error) {
	a.writes++
	err = a.fate.Write("replicasets", rs.Name, func() error {
		live, err := a.replicaSet(context.Background(), rs.Namespace, rs.Name)
		if err != nil {
			return err
		}
		asSeen := live.ResourceVersion == rs.ResourceVersion || equality.Semantic.DeepEqual(rs.Status.Conditions, status.Conditions)
		if live.UID != rs.UID || !asSeen {
			return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "patch", schema.GroupResource{}, "", "test failed", 0, false)
		}
		written = a.changeSet(func(changed *appsv1.ReplicaSet) { changed.Status = *status.DeepCopy() })
		return nil
	})
	return written, err
}

func (a simAPI) createPod(_ context.Context, pod *corev1.Pod) (created *corev1.Pod, err error) {
	a.writes++
	most, adoptions := a.mostWanted(a.client), len(a.adopted) // by what the process may know when it decides
	late := false
	err = a.fate.Write("pods", pod.Name, func() error {
		if late && a.made[pod.Name] { // on the way for longer than the pod lived that its retry made: left out
			return nil
		}
		had := a.replicas(a.client, adoptions)
		object, err := a.server.Create("pods", pod)
		if err != nil {
			return err
		}
		a.logf("pod %s created, %d were there of at most %d", pod.Name, had, most)
		if had >= most {
			a.failf("pod %s is created though %d pods are there and at most %d were wanted", pod.Name, had, most)
		}
		created = object.(*corev1.Pod)
		a.made[pod.Name] = true
		return nil
	})
	late = true
	return created, err
}

func (a simAPI) deletePod(_ context.Context, pod *corev1.Pod) error {
	a.writes++
	least, knew := a.leastWanted(a.client), a.known(a.client)
	return a.fate.Write("pods", pod.Name, func() error {
		live, err := a.pod(context.Background(), pod.Namespace, pod.Name)
		if err != nil {
			return err
		}
		if live.UID != pod.UID {
			if !a.ignoreUID {
				return apierrors.NewConflict(schema.GroupResource{Resource: "pods"}, pod.Name, nil)
			}
			a.failf("another pod of the name %s is deleted", pod.Name)
		}
		if live.DeletionTimestamp == nil {
			had := a.replicasAndLosses(a.client, knew)
			a.logf("pod %s deleted, %d were there of at least %d", pod.Name, had, least)
			if a.counts(live) && had <= least {
				a.failf("pod %s is deleted though %d pods are there and at least %d were wanted", pod.Name, had, least)
			}
			a.removedByUs[live.UID] = true
		}
		a.endPod(live)
		return nil
	})
}

// simPatch is what both patches, to adopt and to release, look like.
type simPatch struct {
	Metadata struct {
		UID             types.UID `json:"uid"`
		OwnerReferences []struct {
			metav1.OwnerReference
			Patch string `json:"$patch"`
		} `json:"ownerReferences"`
	} `json:"metadata"`
}

func (a simAPI) patchPod(_ context.Context, pod *corev1.Pod, patch []byte) (patched *corev1.Pod, err error) {
	var p simPatch
	if err := json.Unmarshal(patch, &p); err != nil {
		return nil, err
	}
	a.writes++
	err = a.fate.Write("pods", pod.Name, func() error {
		live, err := a.pod(context.Background(), pod.Namespace, pod.Name)
		if err != nil {
			return err
		}
		ref := p.Metadata.OwnerReferences[0]
		taken := metav1.GetControllerOf(live) != nil && ownership.ControllerUID(live) != ref.UID
		if live.UID != p.Metadata.UID || ref.Patch == "" && taken {
			return apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, pod.Name, nil)
		}
		a.logf("pod %s patched: %s", pod.Name, patch)
		patched = a.changePod(live.Name, func(changed *corev1.Pod) {
			changed.OwnerReferences = slices.DeleteFunc(changed.OwnerReferences, func(r metav1.OwnerReference) bool { return r.UID == ref.UID })
			if ref.Patch == "" {
				a.adopted[live.UID] = len(a.adopted) + 1
				changed.OwnerReferences = append(changed.OwnerReferences, ref.OwnerReference)
			}
		})
		if a.hideDeletion {
			patched = patched.DeepCopy()
			patched.DeletionTimestamp = nil
		}
		return nil
	})
	return patched, err
}
