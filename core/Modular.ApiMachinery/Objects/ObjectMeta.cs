namespace Modular.ApiMachinery;

/// <summary>The part of an object's metadata that the kernel, informers and controllers decide by. Immutable; read once per object.</summary>
public sealed record ObjectMeta
{
    /// <summary>Unique within namespace and kind.</summary>
    public string Name { get; init; } = "";

    /// <summary>Empty for cluster-scoped kinds.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Identity over time: a re-created object of the same name has another uid.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Counts changes of desired state; 0 where a kind does not keep it.</summary>
    public long Generation { get; init; }

    /// <summary>When the object was created.</summary>
    public DateTimeOffset CreationTimestamp { get; init; }

    /// <summary>When a graceful deletion was asked for or ends; null while the object is not being deleted.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Seconds between the request for deletion and the forced end; null while not being deleted.</summary>
    public long? DeletionGracePeriodSeconds { get; init; }

    /// <summary>What selectors select by.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>Free-form notes; never selected by.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>Who must agree before the object goes away.</summary>
    public IReadOnlyList<string> Finalizers { get; init; } = [];

    /// <summary>Whom this object belongs to.</summary>
    public IReadOnlyList<OwnerReference> OwnerReferences { get; init; } = [];

    /// <summary>The one owner that manages this object, or null.</summary>
    public OwnerReference? Controller
    {
        get
        {
            foreach (var owner in OwnerReferences)
            {
                if (owner.IsController)
                {
                    return owner;
                }
            }

            return null;
        }
    }
}

/// <summary>One entry of <c>metadata.ownerReferences</c>.</summary>
public sealed record OwnerReference(string ApiVersion, string Kind, string Name, string Uid)
{
    /// <summary>True for the one owner that manages the object.</summary>
    public bool IsController { get; init; }

    /// <summary>Whether a foreground deletion of the owner waits for this object.</summary>
    public bool BlockOwnerDeletion { get; init; }
}
