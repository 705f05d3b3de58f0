import { type LabelSelector, labelSelector } from "../../../apimachinery/label-selector.js";
import {
  addRules,
  boolean,
  type Infer,
  int32,
  int64,
  list,
  map,
  object,
  optional,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { type DownwardAPIVolumeFile, downwardAPIVolumeFile, type KeyToPath, keyToPath } from "./volume.js";
import { defaultModeRules, projectionRules, tokenProjectionRules } from "./volume-rules.js";

/** Several sources put together in one directory. */
export const projectedVolumeSource = object("ProjectedVolumeSource", {
  defaultMode: int32({ default: 0o644 }),
  sources: optional(list(ref<VolumeProjection>(() => volumeProjection))),
});
export interface ProjectedVolumeSource extends Infer<typeof projectedVolumeSource> {}
addRules(projectedVolumeSource, { validate: defaultModeRules });

/** One source of a projected volume: one of these. */
export const volumeProjection = object("VolumeProjection", {
  clusterTrustBundle: optional(ref<ClusterTrustBundleProjection>(() => clusterTrustBundleProjection)),
  configMap: optional(ref<ConfigMapProjection>(() => configMapProjection)),
  downwardAPI: optional(ref<DownwardAPIProjection>(() => downwardAPIProjection)),
  podCertificate: optional(ref<PodCertificateProjection>(() => podCertificateProjection)),
  secret: optional(ref<SecretProjection>(() => secretProjection)),
  serviceAccountToken: optional(ref<ServiceAccountTokenProjection>(() => serviceAccountTokenProjection)),
});
export interface VolumeProjection extends Infer<typeof volumeProjection> {}
addRules(volumeProjection, { validate: projectionRules });

/** Keys of a ConfigMap within a projected volume. */
export const configMapProjection = object("ConfigMapProjection", {
  items: optional(list(ref<KeyToPath>(() => keyToPath))),
  name: optional(string()),
  optional: optional(boolean()),
});
export interface ConfigMapProjection extends Infer<typeof configMapProjection> {}

/** Keys of a Secret within a projected volume. */
export const secretProjection = object("SecretProjection", {
  items: optional(list(ref<KeyToPath>(() => keyToPath))),
  name: optional(string()),
  optional: optional(boolean()),
});
export interface SecretProjection extends Infer<typeof secretProjection> {}

/** Facts about the pod within a projected volume. */
export const downwardAPIProjection = object("DownwardAPIProjection", {
  items: optional(list(ref<DownwardAPIVolumeFile>(() => downwardAPIVolumeFile))),
});
export interface DownwardAPIProjection extends Infer<typeof downwardAPIProjection> {}

/** A token of the pod's service account, renewed as it ages. */
export const serviceAccountTokenProjection = object("ServiceAccountTokenProjection", {
  path: string({ nonEmpty: true }),
  /** For whom the token is good; absent means the API server. */
  audience: optional(string()),
  expirationSeconds: int64({ default: 3600 }),
});
export interface ServiceAccountTokenProjection extends Infer<typeof serviceAccountTokenProjection> {}
addRules(serviceAccountTokenProjection, { validate: tokenProjectionRules });

/** Trusted certificates of the cluster, as one PEM file. */
export const clusterTrustBundleProjection = object("ClusterTrustBundleProjection", {
  path: string({ default: "" }),
  labelSelector: optional(ref<LabelSelector>(() => labelSelector)),
  name: optional(string()),
  optional: optional(boolean()),
  signerName: optional(string()),
});
export interface ClusterTrustBundleProjection extends Infer<typeof clusterTrustBundleProjection> {}

/** A private key of the pod and a certificate for it, renewed as it ages. */
export const podCertificateProjection = object("PodCertificateProjection", {
  keyType: string({ default: "" }),
  signerName: string({ default: "" }),
  certificateChainPath: optional(string()),
  credentialBundlePath: optional(string()),
  keyPath: optional(string()),
  maxExpirationSeconds: optional(int32()),
  userAnnotations: optional(map(string())),
});
export interface PodCertificateProjection extends Infer<typeof podCertificateProjection> {}
