namespace Modular.Kernel;

/// <summary>What holds for the whole kernel.</summary>
public sealed record KernelSettings
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>True if endpoint addresses may be loopback.</summary>
    public bool AllowLoopbackEndpoints { get; init; }

    /// <summary>The namespaces that every cluster has.</summary>
    public IReadOnlyList<string> FirstNamespaces { get; init; } = ["default", "kube-system", "kube-public", "kube-node-lease"];
}
