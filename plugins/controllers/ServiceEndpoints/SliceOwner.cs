using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>Whom slices are for and who keeps them: the part of their metadata that all of them share.</summary>
/// <param name="Owner">The object that they go with.</param>
/// <param name="ServiceName">The service whose endpoints they hold.</param>
/// <param name="Manager">Who keeps them.</param>
/// <param name="Labels">Labels that they have besides.</param>
internal sealed record SliceOwner(ApiObject Owner, string ServiceName, string Manager, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>The label that says who keeps a slice.</summary>
    public const string ManagerLabel = "endpointslice.kubernetes.io/managed-by";

    private const string NameAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int NameSuffix = 8;

    /// <summary>Whether a slice is one of these.</summary>
    public bool Owns(ApiObject slice) =>
        slice.Metadata.Labels.GetValueOrDefault(ManagerLabel) == Manager
        && slice.Metadata.Labels.GetValueOrDefault(EndpointSlice.ServiceNameLabel) == ServiceName
        && slice.Metadata.DeletionTimestamp is null
        && slice.Metadata.Controller?.Uid == Owner.Metadata.Uid;

    /// <summary>Whether a slice of these has the labels it should have.</summary>
    public bool IsCurrent(ApiObject slice)
    {
        var wanted = AllLabels();
        return wanted.Count == slice.Metadata.Labels.Count
            && wanted.All(label => slice.Metadata.Labels.GetValueOrDefault(label.Key) == label.Value);
    }

    /// <summary>
    /// The name of a group's slice of a number. It follows from what the slice is for, so that a controller whose view lags meets its own
    /// slice instead of making a second one.
    /// </summary>
    public string Name(SliceGroup group, int number)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Owner.Metadata.Uid}|{group.AddressType}|{group.Ports}|{number}"));
        return string.Concat(ServiceName, "-", string.Create(NameSuffix, hash, static (suffix, bytes) =>
        {
            for (var i = 0; i < suffix.Length; i++)
            {
                suffix[i] = NameAlphabet[bytes[i] % NameAlphabet.Length];
            }
        }));
    }

    /// <summary>A slice as it is to be written.</summary>
    public JsonObject ToJson(PlannedSlice slice, string name)
    {
        var obj = slice.Present?.ToJsonObject() ?? new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["ownerReferences"] = new JsonArray(OwnerReferences.ToJson(
                    new OwnerReference(Owner.Kind.ApiVersion, Owner.Kind.Kind, Owner.Metadata.Name, Owner.Metadata.Uid)
                    {
                        IsController = true,
                        BlockOwnerDeletion = true,
                    })),
            },
            ["addressType"] = slice.Group.AddressType,
        };
        obj["metadata"]!["labels"] = new JsonObject(AllLabels().Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
        obj["ports"] = slice.Group.Ports.ToJson();
        obj["endpoints"] = new JsonArray([.. slice.Backends.Select(backend => backend.ToSliceJson())]);
        return obj;
    }

    private Dictionary<string, string> AllLabels() => new(Labels, StringComparer.Ordinal)
    {
        [EndpointSlice.ServiceNameLabel] = ServiceName,
        [ManagerLabel] = Manager,
    };
}
