namespace Modular.Kernel;

/// <summary>The plugins that the data path is made of, behind handles that follow swaps.</summary>
public sealed record KernelContracts
{
    /// <summary>Where objects are kept.</summary>
    public required ContractHandle<IObjectStore> Store { get; init; }

    /// <summary>Who brings kinds.</summary>
    public required ContractHandle<IResourceSource> Resources { get; init; }

    /// <summary>Who knows senders; by default nobody.</summary>
    public ContractHandle<IAuthenticator> Authenticators { get; init; } = new FixedContractHandle<IAuthenticator>();

    /// <summary>Who grants rights; by default nobody but the manifests.</summary>
    public ContractHandle<IAuthorizer> Authorizers { get; init; } = new FixedContractHandle<IAuthorizer>();

    /// <summary>Who changes or refuses writes; by default nobody.</summary>
    public ContractHandle<IAdmission> Admission { get; init; } = new FixedContractHandle<IAdmission>();
}
