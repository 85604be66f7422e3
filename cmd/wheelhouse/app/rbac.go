package app

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/leaderelection"
	"github.com/6ead2ce0/wheelhouse/serving"
)

// rbacOptions are the flags of `wheelhouse rbac`.
type rbacOptions struct {
	// Controllers are the entries of --controllers. Default: *.
	Controllers []string
	// Name is that of the roles and bindings. Default: wheelhouse.
	Name string
	// ServiceAccount is NAMESPACE/NAME of whom the roles are bound to. Default: none, and no bindings.
	ServiceAccount string
	Election       leaderelection.Options
	Serving        serving.Options
	Rivals         rivalOptions
}

// rbacCommand writes the roles that a set of controllers needs. It needs no cluster.
func rbacCommand(all []controllers.Descriptor) *cobra.Command {
	o := rbacOptions{Controllers: []string{"*"}, Name: "wheelhouse", Election: leaderelection.DefaultOptions(), Serving: serving.DefaultOptions(), Rivals: defaultRivalOptions()}
	cmd := &cobra.Command{
		Use:   "rbac",
		Short: "Write the roles that the selected controllers need, as YAML",
		Example: `  wheelhouse rbac --controllers=podsync
  wheelhouse rbac --service-account=kube-system/wheelhouse | kubectl apply -f -`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.write(cmd.OutOrStdout(), all)
		},
	}
	o.addFlags(cmd.Flags(), all)
	completeControllers(cmd, all)
	return cmd
}

func (o *rbacOptions) addFlags(flags *pflag.FlagSet, all []controllers.Descriptor) {
	flags.StringSliceVar(&o.Controllers, "controllers", o.Controllers, controllersUsage(all))
	flags.StringVar(&o.Name, "name", o.Name, "Name of the roles and bindings.")
	flags.StringVar(&o.ServiceAccount, "service-account", o.ServiceAccount, "NAMESPACE/NAME of a service account to bind the roles to.")
	host := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.Election.AddFlags(host)
	o.Serving.AddFlags(host)
	o.Rivals.addFlags(host)
	for _, name := range []string{
		"leader-elect", "leader-elect-scope", "leader-elect-resource-name", "leader-elect-resource-namespace",
		"secure-port", "authentication-skip-lookup", rivalCheckFlag,
	} {
		flags.AddFlag(host.Lookup(name))
	}
}

func (o *rbacOptions) validate() error {
	if o.Name == "" {
		return &controllers.FlagError{Flag: "name", Reason: "must not be empty"}
	}
	if o.ServiceAccount != "" && !isNamespacedName(o.ServiceAccount) {
		return &controllers.FlagError{Flag: "service-account", Reason: fmt.Sprintf("must be NAMESPACE/NAME, not %q", o.ServiceAccount)}
	}
	for _, validate := range []func() error{o.Election.Validate, o.Serving.Validate, o.Rivals.validate} {
		if err := validate(); err != nil {
			return &usageError{err}
		}
	}
	return nil
}

// isNamespacedName reports whether text is NAMESPACE/NAME.
func isNamespacedName(text string) bool {
	namespace, name, _ := strings.Cut(text, "/")
	return namespace != "" && name != "" && !strings.Contains(name, "/")
}

func (o *rbacOptions) write(out io.Writer, all []controllers.Descriptor) error {
	if err := o.validate(); err != nil {
		return err
	}
	selected, err := controllers.Select(o.Controllers, all)
	if err != nil {
		return err
	}
	objects := []any{o.clusterRole(selected)}
	roles := o.roles(selected)
	for _, role := range roles {
		objects = append(objects, role)
	}
	if o.ServiceAccount != "" {
		objects = append(objects, o.bindings(roles)...)
	}
	for _, object := range objects {
		if _, err := fmt.Fprintln(out, "---"); err != nil {
			return err
		}
		if err := writeYAML(out, object); err != nil {
			return err
		}
	}
	return nil
}

func (o *rbacOptions) clusterRole(selected []controllers.Descriptor) *rbacv1.ClusterRole {
	role := &rbacv1.ClusterRole{TypeMeta: kind("ClusterRole"), ObjectMeta: metav1.ObjectMeta{Name: o.Name}}
	for _, d := range selected {
		role.Rules = append(role.Rules, d.Rules...)
	}
	role.Rules = compact(append(role.Rules, o.Serving.ClusterRules()...))
	return role
}

// roles are for the leases and the canaries in their namespace, and for the cluster's authorities in theirs, which may be the same.
func (o *rbacOptions) roles(selected []controllers.Descriptor) []*rbacv1.Role {
	rules := map[string][]rbacv1.PolicyRule{}
	if o.Election.Enabled {
		rules[o.Election.Namespace] = o.Election.Rules(names(selected)...)
	}
	if canary := o.Rivals.canary(o.Election); canary != nil {
		for _, d := range selected {
			if d.Canary != nil {
				name := canary(d.Name)
				rules[name.Namespace] = append(rules[name.Namespace], d.Canary.Rules(name.Name)...)
			}
		}
	}
	namespace, lookup := o.Serving.LookupRules()
	if len(lookup) > 0 {
		rules[namespace] = append(rules[namespace], lookup...)
	}
	var roles []*rbacv1.Role
	for _, namespace := range slices.Sorted(maps.Keys(rules)) {
		roles = append(roles, &rbacv1.Role{
			TypeMeta: kind("Role"), ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: o.Name}, Rules: rules[namespace],
		})
	}
	return roles
}

func names(selected []controllers.Descriptor) []string {
	list := make([]string, 0, len(selected))
	for _, d := range selected {
		list = append(list, d.Name)
	}
	return list
}

func (o *rbacOptions) bindings(roles []*rbacv1.Role) []any {
	namespace, name, _ := strings.Cut(o.ServiceAccount, "/")
	subjects := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}}
	list := []any{&rbacv1.ClusterRoleBinding{
		TypeMeta: kind("ClusterRoleBinding"), ObjectMeta: metav1.ObjectMeta{Name: o.Name},
		Subjects: subjects, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: o.Name},
	}}
	for _, role := range roles {
		list = append(list, &rbacv1.RoleBinding{
			TypeMeta: kind("RoleBinding"), ObjectMeta: metav1.ObjectMeta{Namespace: role.Namespace, Name: o.Name},
			Subjects: subjects, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: o.Name},
		})
	}
	return list
}

func kind(name string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: name}
}
