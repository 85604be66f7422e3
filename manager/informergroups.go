package manager

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers/admissionregistration"
	"k8s.io/client-go/informers/apiserverinternal"
	"k8s.io/client-go/informers/apps"
	"k8s.io/client-go/informers/autoscaling"
	"k8s.io/client-go/informers/batch"
	"k8s.io/client-go/informers/certificates"
	"k8s.io/client-go/informers/coordination"
	"k8s.io/client-go/informers/core"
	"k8s.io/client-go/informers/discovery"
	"k8s.io/client-go/informers/events"
	"k8s.io/client-go/informers/extensions"
	"k8s.io/client-go/informers/flowcontrol"
	"k8s.io/client-go/informers/lifecycle"
	"k8s.io/client-go/informers/networking"
	"k8s.io/client-go/informers/node"
	"k8s.io/client-go/informers/policy"
	"k8s.io/client-go/informers/rbac"
	"k8s.io/client-go/informers/resource"
	"k8s.io/client-go/informers/scheduling"
	"k8s.io/client-go/informers/storage"
	"k8s.io/client-go/informers/storagemigration"
)

// The methods below are those of the factory, with the one difference that the informers which they hand out come from
// usedInformers.InformerFor. A test fails when the factory gets a method that is missing here.

func (u *usedInformers) Admissionregistration() admissionregistration.Interface {
	return admissionregistration.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Internal() apiserverinternal.Interface {
	return apiserverinternal.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Apps() apps.Interface {
	return apps.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Autoscaling() autoscaling.Interface {
	return autoscaling.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Batch() batch.Interface {
	return batch.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Certificates() certificates.Interface {
	return certificates.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Coordination() coordination.Interface {
	return coordination.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Core() core.Interface {
	return core.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Discovery() discovery.Interface {
	return discovery.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Events() events.Interface {
	return events.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Extensions() extensions.Interface {
	return extensions.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Flowcontrol() flowcontrol.Interface {
	return flowcontrol.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Lifecycle() lifecycle.Interface {
	return lifecycle.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Networking() networking.Interface {
	return networking.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Node() node.Interface {
	return node.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Policy() policy.Interface {
	return policy.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Rbac() rbac.Interface {
	return rbac.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Resource() resource.Interface {
	return resource.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Scheduling() scheduling.Interface {
	return scheduling.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Storage() storage.Interface {
	return storage.New(u, metav1.NamespaceAll, nil)
}

func (u *usedInformers) Storagemigration() storagemigration.Interface {
	return storagemigration.New(u, metav1.NamespaceAll, nil)
}
