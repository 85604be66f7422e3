package manager

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// podsPerOwner is how many replicas each ReplicaSet of realPod has.
const podsPerOwner = 10

// realPod returns a pod as admission, scheduler and kubelet leave it: two containers, and the volume with its token.
func realPod(i int) *corev1.Pod {
	app, always := fmt.Sprintf("service-%d", i/podsPerOwner), true
	set := fmt.Sprintf("%s-7c5ddbdf54", app)
	born := metav1.NewTime(time.Unix(1_700_000_000+int64(i), 0))
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: fmt.Sprintf("%s-%05x", set, i), GenerateName: set + "-", Namespace: fmt.Sprintf("team-%d", i/1000),
		UID: uidOf("pod", i), ResourceVersion: fmt.Sprint(1_000_000 + i), CreationTimestamp: born, Generation: 1,
		Labels: map[string]string{
			"app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "shop", "app.kubernetes.io/managed-by": "Helm", "pod-template-hash": "7c5ddbdf54",
		},
		Annotations: map[string]string{
			"prometheus.io/scrape": "true", "prometheus.io/port": "8080", "kubectl.kubernetes.io/restartedAt": "2026-01-02T03:04:05Z",
			"checksum/config": "0f343b0931126a20f133d67c2b018a3b0f343b0931126a20f133d67c2b018a3b",
		},
		OwnerReferences: []metav1.OwnerReference{{
			APIVersion: "apps/v1", Kind: "ReplicaSet", Name: set, UID: uidOf("set", i/podsPerOwner), Controller: &always, BlockOwnerDeletion: &always,
		}},
		ManagedFields: managers(born),
	}}
	pod.Spec, pod.Status = realSpec(i, app), realStatus(i, app, born)
	return pod
}

func uidOf(kind string, i int) types.UID {
	return types.UID(fmt.Sprintf("%8.8s-aaaa-4bbb-8ccc-%012d", kind+"00000000", i))
}

// managers are the managedFields of who created, bound and ran the pod. What they hold is as long as it is on clusters.
func managers(at metav1.Time) (all []metav1.ManagedFieldsEntry) {
	for manager, size := range map[string]int{"kube-controller-manager": 1900, "kube-scheduler": 150, "kubelet": 1100} {
		fields := &metav1.FieldsV1{}
		fields.SetRawBytes(fmt.Appendf(nil, "%q", strings.Repeat("f", size)))
		all = append(all, metav1.ManagedFieldsEntry{
			Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "v1", Time: &at, FieldsType: "FieldsV1", FieldsV1: fields,
		})
	}
	return all
}

func realSpec(i int, app string) corev1.PodSpec {
	seconds, grace, links := int64(300), int64(30), true
	token := fmt.Sprintf("kube-api-access-%05x", i)
	sidecar := realContainer("proxy", "registry.example.com/mesh/proxy:1.24.3", token)
	return corev1.PodSpec{
		NodeName: fmt.Sprintf("ip-10-0-%d-%d.eu-central-1.compute.internal", i%5000/250, i%250), RestartPolicy: corev1.RestartPolicyAlways,
		DNSPolicy: corev1.DNSClusterFirst, ServiceAccountName: app, DeprecatedServiceAccount: app, SchedulerName: "default-scheduler",
		SecurityContext: &corev1.PodSecurityContext{}, EnableServiceLinks: &links, TerminationGracePeriodSeconds: &grace, Priority: new(int32),
		Containers: []corev1.Container{realContainer("app", "registry.example.com/shop/"+app+":v1.42.0", token), sidecar},
		Tolerations: []corev1.Toleration{
			{Key: corev1.TaintNodeNotReady, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds},
			{Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds},
		},
		Volumes: []corev1.Volume{
			{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: app}}}},
			{Name: token, VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
				{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: &seconds, Path: "token"}},
				{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
				{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"}}}}},
			}}}},
		},
	}
}

func realContainer(name, image, token string) corev1.Container {
	cpu, memory := resource.MustParse("250m"), resource.MustParse("256Mi")
	probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Scheme: "HTTP"}}, PeriodSeconds: 10, FailureThreshold: 3}
	c := corev1.Container{
		Name: name, Image: image, Args: []string{"--config=/etc/config/app.yaml", "--log-level=info"}, ImagePullPolicy: corev1.PullIfNotPresent,
		Ports:     []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}, {Name: "metrics", ContainerPort: 9090, Protocol: corev1.ProtocolTCP}},
		Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": cpu, "memory": memory}, Limits: corev1.ResourceList{"memory": memory}},
		VolumeMounts: []corev1.VolumeMount{
			{Name: "config", MountPath: "/etc/config", ReadOnly: true}, {Name: token, MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true},
		},
		LivenessProbe: probe, ReadinessProbe: probe, TerminationMessagePath: "/dev/termination-log", TerminationMessagePolicy: corev1.TerminationMessageReadFile,
	}
	for _, env := range []string{"LOG_LEVEL", "DATABASE_URL", "CACHE_URL", "QUEUE_URL", "REGION", "FEATURES"} {
		c.Env = append(c.Env, corev1.EnvVar{Name: env, Value: "a value of " + env})
	}
	return c
}

func realStatus(i int, app string, born metav1.Time) corev1.PodStatus {
	ran := metav1.NewTime(born.Add(5 * time.Second))
	status := corev1.PodStatus{
		Phase: corev1.PodRunning, QOSClass: corev1.PodQOSBurstable, StartTime: &born, HostIP: "10.0.0.1", HostIPs: []corev1.HostIP{{IP: "10.0.0.1"}},
		PodIP: fmt.Sprintf("10.%d.%d.7", i>>8&255, i&255), PodIPs: []corev1.PodIP{{IP: fmt.Sprintf("10.%d.%d.7", i>>8&255, i&255)}}, ObservedGeneration: 1,
	}
	for _, kind := range []corev1.PodConditionType{"PodReadyToStartContainers", corev1.PodInitialized, corev1.PodReady, corev1.ContainersReady, corev1.PodScheduled} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: ran, ObservedGeneration: 1})
	}
	for n, image := range []string{"shop/" + app + ":v1.42.0", "mesh/proxy:1.24.3"} {
		started := true
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: []string{"app", "proxy"}[n], Ready: true, Started: &started, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: ran}},
			Image: "registry.example.com/" + image, ImageID: fmt.Sprintf("registry.example.com/%s@sha256:%064x", image, n), ContainerID: fmt.Sprintf("containerd://%064x", i),
		})
	}
	return status
}
