package controllertest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

type badController struct {
	sentence, name string
	bad            bad
	want           string // part of the breach
}

// badControllers break each promise in all ways that the kit knows.
func badControllers() []badController {
	var all []badController
	for sentence, list := range map[string][]badController{
		"it is documented": {
			{name: "no doc", bad: withDescriptor(func(d *controllers.Descriptor) { d.Doc = "" }), want: `controller "sample": Doc must be one line`},
		},
		"its flags are documented and bear its name": {
			{name: "no usage", bad: withFlags(func(f *pflag.FlagSet) { f.Bool("sample-loud", false, "") }), want: "--sample-loud has no usage text"},
			{name: "common name", bad: withFlags(func(f *pflag.FlagSet) { f.Bool("loud", false, "shout") }), want: "call it --sample-loud"},
			{name: "flag added twice", bad: withFlags(func(f *pflag.FlagSet) { f.Bool("sample-a", false, "a"); f.Bool("sample-a", false, "a") }), want: "AddFlags panicked: "},
		},
		"its descriptors share nothing":                 {{name: "common variable", bad: sharingFlag(), want: "setting --sample-limit of one descriptor to 7 changes that of another"}},
		"New starts nothing and sends nothing":          badAtNew(),
		"New asks for all informers and starts none":    badInformers(),
		"New can be called twice in a process":          {{name: "global state", bad: failingTheSecondTime(), want: "a second call, with another registry, fails where the first did not: call New with the defaults of the flags: taken"}},
		"its metrics are well named":                    {{name: "counter without _total", bad: bad{atNew: registerBadMetric}, want: "metric sample_things: "}},
		"Run works until its context ends":              badRuns(),
		"Run ends all that it started":                  badEnds(),
		"Run begins nothing when its context has ended": badAfterTheEnd(),
		"Run can be called again":                       badSecondTerms(),
		"Run comes to rest":                             {{name: "writes at each event", bad: loop(), want: "more than 500 calls within a minute"}},
		"Run leaves its canary alone":                   badAtCanaries(),
		"Pods declares what is read of pods":            badPodReaders(),
		"Rules cover every call":                        {{name: "no rule for the update", bad: lackingRules(), want: "Add to them:\n- apiGroups: [\"\"]\n  resources: [\"configmaps\"]\n  verbs: [\"update\"]\n"}},
	} {
		for _, one := range list {
			one.sentence = sentence
			all = append(all, one)
		}
	}
	return all
}

func withDescriptor(change func(*controllers.Descriptor)) bad {
	return bad{descriptor: change}
}

func withFlags(add func(*pflag.FlagSet)) bad {
	return withDescriptor(func(d *controllers.Descriptor) { d.AddFlags = add })
}

func withRun(run func(context.Context, *sample) error) bad {
	return bad{run: run}
}

func sharingFlag() bad {
	var limit int
	return withFlags(func(f *pflag.FlagSet) { f.IntVar(&limit, "sample-limit", 1, "how many") })
}

func badAtNew() []badController {
	return []badController{
		{name: "goroutine", bad: bad{atNew: func(controllers.Env) error {
			go time.Sleep(time.Hour)
			return nil
		}}, want: "New started goroutines; start them in Run: "},
		{name: "call", bad: bad{atNew: func(env controllers.Env) error {
			_, err := env.Client.CoreV1().Nodes().List(context.Background(), metav1.ListOptions{})
			return err
		}}, want: "New called the API server; do so in Run: 1 × list nodes"},
		{name: "error", bad: bad{atNew: func(controllers.Env) error { return errors.New("no") }}, want: "call New with the defaults of the flags: no"},
		{name: "panic", bad: bad{atNew: func(controllers.Env) error { panic("no") }}, want: "New panicked: no"},
		{name: "nothing", bad: withDescriptor(func(d *controllers.Descriptor) {
			d.New = func(controllers.Env) (controllers.Controller, error) { return nil, nil }
		}), want: "neither a controller nor an error came from New"},
	}
}

func badInformers() []badController {
	return []badController{
		{name: "started in New", bad: bad{atNew: func(env controllers.Env) error {
			env.Informers.Core().V1().Pods().Informer()
			env.Informers.Start(nil)
			return nil
		}}, want: "New started informers (v1.Pod); the host does that"},
		{name: "asked for in Run", bad: withRun(func(ctx context.Context, s *sample) error {
			s.env.Informers.Core().V1().Pods().Informer()
			return s.worker.Run(ctx)
		}), want: "Run asked for informers (v1.Pod); ask in New"},
	}
}

func failingTheSecondTime() bad {
	taken := false
	return bad{atNew: func(controllers.Env) error {
		if taken {
			return errors.New("taken")
		}
		taken = true
		return nil
	}}
}

func registerBadMetric(env controllers.Env) error {
	return env.Metrics.Register(prometheus.NewCounter(prometheus.CounterOpts{Name: "sample_things", Help: "Things."}))
}

func badRuns() []badController {
	return []badController{
		{name: "returns at once", bad: withRun(func(context.Context, *sample) error { return nil }), want: "Run returned before its context ended, which the host takes for a failure"},
		{name: "fails", bad: withRun(func(context.Context, *sample) error { return errors.New("no") }), want: "Run returned before its context ended: no"},
		{name: "panics", bad: withRun(func(context.Context, *sample) error { panic("no") }), want: "Run panicked: no"},
	}
}

func badEnds() []badController {
	waitFor := func(d time.Duration) bad {
		return withRun(func(ctx context.Context, s *sample) error {
			go func() {
				<-ctx.Done()
				time.Sleep(d)
			}()
			return s.worker.Run(ctx)
		})
	}
	return []badController{
		{name: "leaves a goroutine", bad: waitFor(time.Hour), want: "what it started goes on"},
		{name: "leaves a goroutine for a while", bad: waitFor(time.Millisecond), want: "something that it started went on"},
		{name: "takes no notice of a drain", bad: withRun(func(ctx context.Context, s *sample) error {
			<-worker.Work(ctx).Done()
			return nil
		}), want: "Run did not return within 30s"},
		{name: "takes no notice of anything", bad: withRun(func(context.Context, *sample) error { select {} }), want: "Run did not return within 30s"},
	}
}

func badAfterTheEnd() []badController {
	return []badController{
		{name: "never returns", bad: withRun(func(context.Context, *sample) error { select {} }), want: "Run did not return within 5s"},
		{name: "panics", bad: withRun(func(ctx context.Context, s *sample) error {
			if ctx.Err() != nil {
				panic("no")
			}
			return s.worker.Run(ctx)
		}), want: "Run panicked: no"},
		{name: "writes", bad: withRun(func(ctx context.Context, s *sample) error {
			_, err := s.env.Client.CoreV1().ConfigMaps("default").Create(ctx, configMap("state"), metav1.CreateOptions{})
			return errors.Join(err, s.worker.Run(ctx))
		}), want: "Run called the API server: create configmaps"},
	}
}

func badSecondTerms() []badController {
	var once sync.Once
	begun := make(chan struct{})
	return []badController{
		{name: "does nothing", bad: withRun(func(ctx context.Context, s *sample) error {
			once.Do(func() { _ = s.worker.Run(ctx) })
			<-ctx.Done()
			return nil
		}), want: "Run did nothing in the second term"},
		{name: "panics", bad: withRun(func(ctx context.Context, s *sample) error {
			close(begun)
			return s.worker.Run(ctx)
		}), want: "Run panicked: close of closed channel"},
	}
}

// loop writes at each event, of which each write makes one.
func loop() bad {
	var s *sample
	return bad{
		run: func(ctx context.Context, running *sample) error {
			s = running
			return s.worker.Run(ctx)
		},
		reconcile: func(ctx context.Context, key worker.Key) (worker.Result, error) {
			configMaps := s.env.Client.CoreV1().ConfigMaps(key.Namespace)
			cm, err := configMaps.Get(ctx, key.Name, metav1.GetOptions{})
			if err == nil {
				metav1.SetMetaDataAnnotation(&cm.ObjectMeta, annotation, cm.ResourceVersion)
				_, err = configMaps.Update(ctx, cm, metav1.UpdateOptions{})
			}
			return worker.Result{}, err
		},
	}
}

func badAtCanaries() []badController {
	at := func(do func(context.Context, *sample, *corev1.ConfigMap) error) bad {
		var once sync.Once // or it would act on its own writes
		return bad{atCanary: func(ctx context.Context, s *sample) (err error) {
			once.Do(func() {
				var cm *corev1.ConfigMap
				cm, err = s.env.Informers.Core().V1().ConfigMaps().Lister().ConfigMaps(s.env.Canary.Namespace).Get(s.env.Canary.Name)
				err = errors.Join(err, do(ctx, s, cm.DeepCopy()))
			})
			return err
		}}
	}
	return []badController{
		{name: "writes", bad: at(func(ctx context.Context, s *sample, cm *corev1.ConfigMap) error {
			_, err := s.env.Client.CoreV1().ConfigMaps(cm.Namespace).Update(ctx, cm, metav1.UpdateOptions{})
			return err
		}), want: "update configmaps; reconcile must leave alone the key env.Canary"},
		{name: "patches the status", bad: at(func(ctx context.Context, s *sample, cm *corev1.ConfigMap) error {
			_, err := s.env.Client.CoreV1().ConfigMaps(cm.Namespace).Patch(ctx, cm.Name, types.MergePatchType, []byte("{}"), metav1.PatchOptions{}, "status")
			return err
		}), want: "patch configmaps/status; reconcile"},
		{name: "makes what belongs to it", bad: at(func(ctx context.Context, s *sample, cm *corev1.ConfigMap) error {
			part := configMap("part")
			part.OwnerReferences = []metav1.OwnerReference{{UID: cm.UID}}
			_, err := s.env.Client.CoreV1().ConfigMaps(cm.Namespace).Create(ctx, part, metav1.CreateOptions{})
			return err
		}), want: "× create configmaps"},
		{name: "tells an event", bad: at(func(_ context.Context, s *sample, cm *corev1.ConfigMap) error {
			s.env.Events.Eventf(cm, "Normal", "Seen", "%d", 1)
			return nil
		}), want: `Run told events of its canary: ["Normal Seen 1"`},
		{name: "is in no cache", bad: withDescriptor(func(d *controllers.Descriptor) {
			d.Canary.Open = func(env controllers.Env) controllers.CanaryObject {
				c := openCanary(env).(sampleCanary)
				c.store = cache.NewStore(cache.MetaNamespaceKeyFunc)
				return c
			}
		}), want: "Cached of the canary does not show what its Create has made"},
		{name: "has another name", bad: withDescriptor(func(d *controllers.Descriptor) {
			d.Canary.Open = func(env controllers.Env) controllers.CanaryObject {
				env.Canary.Name = "other"
				return openCanary(env)
			}
		}), want: "the canary must be called as env.Canary says"},
	}
}

func lackingRules() bad {
	return withDescriptor(func(d *controllers.Descriptor) {
		d.Rules = []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"list", "watch"}}}
	})
}
