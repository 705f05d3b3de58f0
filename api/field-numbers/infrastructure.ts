/**
 * Field numbers of the groups apiregistration, coordination, discovery, events, networking, node, resource and storage;
 * notation: `codec/protobuf/field-numbers.ts`.
 */

/** `apiregistration/v1` */
export const apiregistration = `
APIService: metadata spec status
APIServiceCondition: type status lastTransitionTime reason message
APIServiceSpec: service group version insecureSkipTLSVerify caBundle 7 groupPriorityMinimum versionPriority
APIServiceStatus: conditions
ServiceReference: namespace name port?
`;

/** `coordination/v1` */
export const coordination = `
Lease: metadata spec
LeaseSpec: holderIdentity? leaseDurationSeconds? acquireTime renewTime leaseTransitions? strategy? preferredHolder?
`;

/** `discovery/v1` */
export const discovery = `
Endpoint: addresses conditions hostname? targetRef deprecatedTopology nodeName? zone? hints
EndpointConditions: ready? serving? terminating?
EndpointHints: forZones forNodes
EndpointPort: name? protocol? port? appProtocol?
EndpointSlice: metadata endpoints ports addressType
ForNode: name
ForZone: name
`;

/** `events/v1` */
export const events = `
Event: metadata eventTime series reportingController reportingInstance action reason regarding related note type
  deprecatedSource deprecatedFirstTimestamp deprecatedLastTimestamp deprecatedCount
EventSeries: count lastObservedTime
`;

/** `networking/v1` */
export const networking = `
HTTPIngressPath: path backend pathType?
HTTPIngressRuleValue: paths
IPAddress: metadata spec
IPAddressSpec: parentRef
IPBlock: cidr except
Ingress: metadata spec status
IngressBackend: 3 resource service
IngressClass: metadata spec
IngressClassParametersReference: apiGroup? kind name scope? namespace?
IngressClassSpec: controller parameters
IngressLoadBalancerIngress: ip hostname 4 ports
IngressLoadBalancerStatus: ingress
IngressPortStatus: port protocol error?
IngressRule: host +IngressRuleValue
IngressRuleValue: http
IngressServiceBackend: name port
IngressSpec: defaultBackend tls rules ingressClassName?
IngressStatus: loadBalancer
IngressTLS: hosts secretName
NetworkPolicy: metadata spec
NetworkPolicyEgressRule: ports to
NetworkPolicyIngressRule: ports from
NetworkPolicyPeer: podSelector namespaceSelector ipBlock
NetworkPolicyPort: protocol? port endPort?
NetworkPolicySpec: podSelector ingress egress policyTypes
ParentReference: group resource namespace name
ServiceBackendPort: name number
ServiceCIDR: metadata spec status
ServiceCIDRSpec: cidrs
ServiceCIDRStatus: conditions
`;

/** `node/v1` */
export const node = `
Overhead: podFixed
RuntimeClass: metadata handler overhead scheduling
Scheduling: nodeSelector tolerations
`;

/** `resource/v1` */
export const resource = `
AllocatedDeviceStatus: driver pool device conditions data networkData shareID?
AllocationResult: devices 3 nodeSelector 5 allocationTimestamp
CELDeviceSelector: expression
CapacityRequestPolicy: default 3 validValues validRange
CapacityRequestPolicyRange: min max step
CapacityRequirements: requests
Counter: value
CounterSet: name counters
Device: name attributes capacity consumesCounters nodeName? nodeSelector allNodes? taints bindsToNode?
  bindingConditions bindingFailureConditions allowMultipleAllocations? nodeAllocatableResourceMappings
DeviceAllocationConfiguration: source requests +DeviceConfiguration
DeviceAllocationResult: results config
DeviceAttribute: 2 int? bool? string? version? ints bools strings versions
DeviceCapacity: value requestPolicy
DeviceClaim: requests constraints config
DeviceClaimConfiguration: requests +DeviceConfiguration
DeviceClass: metadata spec
DeviceClassConfiguration: +DeviceConfiguration
DeviceClassSpec: selectors config 4 extendedResourceName?
DeviceConfiguration: opaque
DeviceConstraint: requests matchAttribute? distinctAttribute?
DeviceCounterConsumption: counterSet counters
DeviceRequest: name exactly firstAvailable
DeviceRequestAllocationResult: request driver pool device adminAccess? tolerations bindingConditions
  bindingFailureConditions shareID? consumedCapacity
DeviceSelector: cel
DeviceSubRequest: name deviceClassName selectors allocationMode count tolerations capacity
DeviceTaint: key value effect timeAdded
DeviceToleration: key operator value effect tolerationSeconds?
ExactDeviceRequest: deviceClassName selectors allocationMode count adminAccess? tolerations capacity
NetworkDeviceData: interfaceName ips hardwareAddress
NodeAllocatableResourceMapping: capacityKey? allocationMultiplier
OpaqueDeviceConfiguration: driver parameters
ResourceClaim: metadata spec status
ResourceClaimConsumerReference: apiGroup 3 resource name uid
ResourceClaimSpec: devices
ResourceClaimStatus: allocation reservedFor 4 devices
ResourceClaimTemplate: metadata spec
ResourceClaimTemplateSpec: metadata spec
ResourcePool: name generation resourceSliceCount
ResourceSlice: metadata spec
ResourceSliceSpec: driver pool nodeName? nodeSelector allNodes? devices perDeviceNodeSelection? sharedCounters
`;

/** `storage/v1` */
export const storage = `
CSIDriver: metadata spec
CSIDriverSpec: attachRequired? podInfoOnMount? volumeLifecycleModes storageCapacity? fsGroupPolicy? tokenRequests
  requiresRepublish? seLinuxMount? nodeAllocatableUpdatePeriodSeconds? serviceAccountTokenInSecrets?
  preventPodSchedulingIfMissing?
CSINode: metadata spec
CSINodeDriver: name nodeID topologyKeys allocatable
CSINodeSpec: drivers
CSIStorageCapacity: metadata nodeTopology storageClassName capacity maximumVolumeSize
StorageClass: metadata provisioner parameters reclaimPolicy? mountOptions allowVolumeExpansion? volumeBindingMode?
  allowedTopologies
TokenRequest: audience expirationSeconds?
VolumeAttachment: metadata spec status
VolumeAttachmentSource: persistentVolumeName? inlineVolumeSpec
VolumeAttachmentSpec: attacher source nodeName
VolumeAttachmentStatus: attached attachmentMetadata attachError detachError
VolumeAttributesClass: metadata driverName parameters
VolumeError: time message errorCode?
VolumeNodeResources: count?
`;
