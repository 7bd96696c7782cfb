package main

import (
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/policy"
	policyvalidation "k8s.io/kubernetes/pkg/apis/policy/validation"
	"k8s.io/pod-security-admission/api"
	podsecurity "k8s.io/pod-security-admission/policy"
)

// The namespace of every object, as `helm install` asks the server to put it there.
const namespace = "default"

// validate has Kubernetes' own functions judge an object with its defaults.
func validate(object runtime.Object) (field.ErrorList, error) {
	legacyscheme.Scheme.Default(object)
	if accessor, err := meta.Accessor(object); err == nil && accessor.GetNamespace() == "" {
		accessor.SetNamespace(namespace)
	}
	switch object.(type) {
	case *appsv1.Deployment:
		return judgedBy(object, func(deployment *apps.Deployment) field.ErrorList {
			return appsvalidation.ValidateDeployment(deployment, corevalidation.PodValidationOptions{})
		})
	case *appsv1.StatefulSet:
		return judgedBy(object, func(set *apps.StatefulSet) field.ErrorList {
			return appsvalidation.ValidateStatefulSet(
				set, appsvalidation.StatefulSetValidationOptions{}, corevalidation.PodValidationOptions{})
		})
	case *corev1.Pod:
		return judgedBy(object, func(pod *core.Pod) field.ErrorList {
			return corevalidation.ValidatePodCreate(pod, corevalidation.PodValidationOptions{})
		})
	case *networkingv1.NetworkPolicy:
		return judgedBy(object, func(networkPolicy *networking.NetworkPolicy) field.ErrorList {
			return networkingvalidation.ValidateNetworkPolicy(
				networkPolicy, networkingvalidation.NetworkPolicyValidationOptions{})
		})
	case *policyv1.PodDisruptionBudget:
		return judgedBy(object, func(budget *policy.PodDisruptionBudget) field.ErrorList {
			return policyvalidation.ValidatePodDisruptionBudget(
				budget, policyvalidation.PodDisruptionBudgetValidationOptions{})
		})
	case *corev1.Service:
		return judgedBy(object, validateService)
	case *corev1.ConfigMap:
		return judgedBy(object, corevalidation.ValidateConfigMap)
	case *corev1.Secret:
		return judgedBy(object, corevalidation.ValidateSecret)
	case *corev1.ServiceAccount:
		return judgedBy(object, corevalidation.ValidateServiceAccount)
	case *monitoringv1.ServiceMonitor, *monitoringv1.PodMonitor, *monitoringv1.PrometheusRule:
		return nil, nil
	}
	return nil, fmt.Errorf("no validation of %T is known", object)
}

// validateService fills in what the API server derives from clusterIP before it validates.
func validateService(service *core.Service) field.ErrorList {
	if service.Spec.ClusterIP != "" && len(service.Spec.ClusterIPs) == 0 {
		service.Spec.ClusterIPs = []string{service.Spec.ClusterIP}
	}
	return corevalidation.ValidateServiceCreate(service)
}

// judgedBy validates an object in the form that the API server works with.
func judgedBy[Internal any](object runtime.Object, judge func(*Internal) field.ErrorList) (field.ErrorList, error) {
	var internal Internal
	if err := legacyscheme.Scheme.Convert(object, &internal, nil); err != nil {
		return nil, err
	}
	return judge(&internal), nil
}

// forbiddenByPodSecurity says why a namespace that enforces "restricted" would refuse the pods.
func forbiddenByPodSecurity(object runtime.Object) []string {
	template := podTemplateOf(object)
	if template == nil {
		return nil
	}
	evaluator, err := podsecurity.NewEvaluator(podsecurity.DefaultChecks(), nil)
	if err != nil {
		return []string{err.Error()}
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	var reasons []string
	for _, result := range evaluator.EvaluatePod(restricted, &template.ObjectMeta, &template.Spec) {
		if !result.Allowed {
			reasons = append(reasons, "not restricted: "+result.ForbiddenReason+": "+result.ForbiddenDetail)
		}
	}
	return reasons
}

func podTemplateOf(object runtime.Object) *corev1.PodTemplateSpec {
	switch object := object.(type) {
	case *appsv1.Deployment:
		return &object.Spec.Template
	case *appsv1.StatefulSet:
		return &object.Spec.Template
	case *corev1.Pod:
		return &corev1.PodTemplateSpec{ObjectMeta: object.ObjectMeta, Spec: object.Spec}
	}
	return nil
}
