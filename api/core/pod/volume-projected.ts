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
  /** Permission bits of files that name none, 0 to 0777 (511 as decimal); 0644 where nothing is said. */
  defaultMode: int32({ default: 0o644 }),
  /** What is put into the directory; no two sources may write the same file. */
  sources: optional(list(ref<VolumeProjection>(() => volumeProjection))),
});
export interface ProjectedVolumeSource extends Infer<typeof projectedVolumeSource> {}
addRules(projectedVolumeSource, { validate: defaultModeRules });

/** One source of a projected volume: one of these. */
export const volumeProjection = object("VolumeProjection", {
  /** For checking certificates of servers in the cluster. */
  clusterTrustBundle: optional(ref<ClusterTrustBundleProjection>(() => clusterTrustBundleProjection)),
  /** Keys of a ConfigMap, a file each. */
  configMap: optional(ref<ConfigMapProjection>(() => configMapProjection)),
  /** Fields of the pod, a file each. */
  downwardAPI: optional(ref<DownwardAPIProjection>(() => downwardAPIProjection)),
  /** For proving the pod to servers by mutual TLS. */
  podCertificate: optional(ref<PodCertificateProjection>(() => podCertificateProjection)),
  /** Keys of a Secret, a file each. */
  secret: optional(ref<SecretProjection>(() => secretProjection)),
  /** Token with which the pod proves its service account, in one file. */
  serviceAccountToken: optional(ref<ServiceAccountTokenProjection>(() => serviceAccountTokenProjection)),
});
export interface VolumeProjection extends Infer<typeof volumeProjection> {}
addRules(volumeProjection, { validate: projectionRules });

/** Keys of a ConfigMap within a projected volume. */
export const configMapProjection = object("ConfigMapProjection", {
  /** Keys to write and the file of each; absent means every key, in a file of its name. */
  items: optional(list(ref<KeyToPath>(() => keyToPath))),
  /** ConfigMap of the pod's namespace. */
  name: optional(string()),
  /** True lets the pod start though the object or one of its keys is missing. */
  optional: optional(boolean()),
});
export interface ConfigMapProjection extends Infer<typeof configMapProjection> {}

/** Keys of a Secret within a projected volume. */
export const secretProjection = object("SecretProjection", {
  /** Keys to write and the file of each; absent means every key, in a file of its name. */
  items: optional(list(ref<KeyToPath>(() => keyToPath))),
  /** Secret of the pod's namespace. */
  name: optional(string()),
  /** True lets the pod start though the object or one of its keys is missing. */
  optional: optional(boolean()),
});
export interface SecretProjection extends Infer<typeof secretProjection> {}

/** Facts about the pod within a projected volume. */
export const downwardAPIProjection = object("DownwardAPIProjection", {
  /** Files to write, each with the fact that it holds. */
  items: optional(list(ref<DownwardAPIVolumeFile>(() => downwardAPIVolumeFile))),
});
export interface DownwardAPIProjection extends Infer<typeof downwardAPIProjection> {}

/** A token of the pod's service account, renewed as it ages. */
export const serviceAccountTokenProjection = object("ServiceAccountTokenProjection", {
  /** File in the volume that holds the token; relative. */
  path: string({ nonEmpty: true }),
  /** For whom the token is good; absent means the API server. */
  audience: optional(string()),
  /** Seconds that a token is good for, at least 600; 3600 where nothing is said. It is renewed before it ends. */
  expirationSeconds: int64({ default: 3600 }),
});
export interface ServiceAccountTokenProjection extends Infer<typeof serviceAccountTokenProjection> {}
addRules(serviceAccountTokenProjection, { validate: tokenProjectionRules });

/** Trusted certificates of the cluster, as one PEM file. */
export const clusterTrustBundleProjection = object("ClusterTrustBundleProjection", {
  /** File in the volume that gets the certificates; relative. */
  path: string({ default: "" }),
  /** Which bundles of the signer are taken together; goes with `signerName` only. */
  labelSelector: optional(ref<LabelSelector>(() => labelSelector)),
  /** The one bundle to take; excludes `signerName` and `labelSelector`. */
  name: optional(string()),
  /** True lets the pod start though no bundle fits. */
  optional: optional(boolean()),
  /** Takes the bundles of this signer; excludes `name`. */
  signerName: optional(string()),
});
export interface ClusterTrustBundleProjection extends Infer<typeof clusterTrustBundleProjection> {}

/** A private key of the pod and a certificate for it, renewed as it ages. */
export const podCertificateProjection = object("PodCertificateProjection", {
  /** Sort of the key pair: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519. */
  keyType: string({ default: "" }),
  /** Signer that is asked for the certificate. */
  signerName: string({ default: "" }),
  /** File that gets the certificate chain alone; relative. */
  certificateChainPath: optional(string()),
  /** File that gets private key and chain together, so that both always fit; relative. */
  credentialBundlePath: optional(string()),
  /** File that gets the private key alone; relative. */
  keyPath: optional(string()),
  /** Longest life that is asked for, in seconds: 3600 to 7862400; 86400 where absent. The signer may choose less. */
  maxExpirationSeconds: optional(int32()),
  /** Further words for the signer, copied into each request. */
  userAnnotations: optional(map(string())),
});
export interface PodCertificateProjection extends Infer<typeof podCertificateProjection> {}
