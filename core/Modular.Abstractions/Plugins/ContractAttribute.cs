namespace Modular.Abstractions;

/// <summary>How many plugins of one cluster may provide a contract.</summary>
public enum ContractCardinality
{
    /// <summary>One at a time; a second is an error that names both.</summary>
    One,
    /// <summary>Any number; they are asked in the order of the distribution file.</summary>
    Many,
}

/// <summary>Marks an interface as a contract between plugins and gives it the name that manifests use.</summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class ContractAttribute(string name, string version, ContractCardinality cardinality) : Attribute
{
    /// <summary>The name in manifests, such as <c>modular.scheduler</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The version of the contract this assembly holds.</summary>
    public string Version { get; } = version;

    /// <summary>How many may provide it.</summary>
    public ContractCardinality Cardinality { get; } = cardinality;

    /// <summary>True if who uses the contract can try candidates beside the one that provides it.</summary>
    public bool HasTrials { get; init; }
}
