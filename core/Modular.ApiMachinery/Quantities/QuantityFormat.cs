namespace Modular.ApiMachinery;

/// <summary>How a quantity is written.</summary>
public enum QuantityFormat
{
    /// <summary>With n, u, m, k, M, G, T, P, E: powers of 1000.</summary>
    DecimalSI,
    /// <summary>With Ki, Mi, Gi, Ti, Pi, Ei: powers of 1024.</summary>
    BinarySI,
    /// <summary>With an exponent: 1e3.</summary>
    DecimalExponent,
}
